"""`python -m cbi` is the `cbi` command."""

from cbi.cli.main import main

main()

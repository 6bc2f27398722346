"""`python -m cbi.translations`: bring every catalogue up to what the code says, and tell what is left to translate."""

from __future__ import annotations

import click

from cbi.translations.catalogues import WORLDS, languages, refresh, untranslated


@click.command()
def main() -> None:
    """Refresh and compile every catalogue."""
    for world in WORLDS:
        for language in languages(world):
            catalogue = refresh(world, language)
            missing = untranslated(catalogue)
            click.echo(f"{world} {language}: {len(catalogue)} messages, {len(missing)} to translate")
            for words in missing:
                click.echo(f"  {words}")


main()

import sys, random
from tests.cbi.payouts import test_stateful as t
from tests.cbi.payouts.test_stateful import *
from tests.conftest import *
from collections import Counter
def test_more(ready):
    t.Months.ready, t.Months.steps = ready, Counter()
    import os
    found = settings(max_examples=int(os.environ.get("N","60")), stateful_step_count=25, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    try:
        run_state_machine_as_test(t.Months, settings=found)
    finally:
        print(t.Months.steps)

from tests.cbi.payouts.test_stateful import *
from tests.cbi.payouts import test_stateful as t
def test_replay(ready):
    t.Months.ready, t.Months.steps = ready, Counter()
    state = Months()
    script = open("/tmp/script.txt").read()
    try:
        for line in script.split("\nstate."):
            line = line if line.startswith("state.") else "state." + line
            if "teardown" in line: break
            try:
                exec(line)
            except Exception:
                for e in state.events: print(e)
                m = state.model
                for w, r in m.rows.items(): print(w, r)
                with state.records.engine.connect() as c:
                    for row in c.execute(sa.text("select reference, provider_ref, outcome, amount_minor, in_suspense, live, decision_id is not null as d, replaced_by is not null as gone from postedrow order by reference")): print(row)
                    for row in c.execute(sa.text("select f.kind, f.also, f.reference, f.delivered_minor, f.suspense_minor, p.status from payoutfinding f join payoutfile p on p.id=f.file_id where kind not in ('MISSING') order by p.posted_at, f.position")): print(row)
                print(t.Months.steps, [l.reference for l in state.lines])
                raise
    finally:
        state.teardown()

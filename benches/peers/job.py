"""One job in a process of its own: `python -m peers.job '{"do": "speed", …}'` prints one line of JSON.

What goes wrong is an answer too (`failed`, `unsupported`), so that nothing is left out in silence.
"""

import json
import os
import sys

# One thread, before numpy is imported.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[name] = "1"


def answer(job: dict) -> dict:
    """What the job measured."""
    from peers import quality, speed, users
    from peers.learner import Unsupported, version

    do, peer, settings = job["do"], job["peer"], job["settings"]
    try:
        if do == "speed":
            said = speed.run(peer, settings, job["world"], job["seconds"])
        elif do in ("latency", "large"):
            size = (job["kind"], job["arms"], job["dim"], job["seconds"])
            said = speed.size(peer, settings, *size, lessons=job.get("lessons"))
        elif do == "users":
            size = (job["users"], job["arms"], job["dim"], job["rounds"])
            said = users.run(peer, settings, *size, lessons=job["lessons"])
        elif do == "quality":
            runs = [quality.run(peer, settings, job["world"], seed, job["limit"]) for seed in job["seeds"]]
            said = {"runs": runs}
        else:
            raise ValueError(f"there is no job {do}")
        return said | {"version": version(peer)}
    except (Unsupported, users.TooMuch) as why:
        return {"unsupported": str(why)}
    except Exception as error:  # noqa: BLE001 - a peer may fail with anything
        return {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:300]}


if __name__ == "__main__":
    # Libraries print and warn; the answer is the last line.
    print("\n" + json.dumps(answer(json.loads(sys.argv[1]))))

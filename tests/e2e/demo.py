#!/usr/bin/env python3
"""The main job, step by step, on a real Kubernetes: `make demo`.

    demo.py          runs all steps; exit 1 at the first that fails
    demo.py --end    ends a demo that KEEP=1 left running

Environment: KEEP=1 leaves cluster and processes running and prints the KUBECONFIG.
ERRAND_NODE is real, hollow or auto (default: real as root where it works).
ERRAND_BIN is where our programs are (default build/dev).
"""
import os
import pathlib
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

import endings  # noqa: E402  pylint: disable=wrong-import-position
import hostfiles  # noqa: E402  pylint: disable=wrong-import-position
import setting  # noqa: E402  pylint: disable=wrong-import-position
import streams  # noqa: E402  pylint: disable=wrong-import-position
import tasks  # noqa: E402  pylint: disable=wrong-import-position
from stage import Stage, end_leftover, say, stopwatch  # noqa: E402  pylint: disable=wrong-import-position

STEPS = [
    setting.processes_have_only_their_own_rights,
    setting.a_namespace_takes_part,
    setting.an_agent_has_an_identity_and_no_rights,
    tasks.a_job_waits_with_its_grant,
    tasks.the_grant_starts_and_the_job_acts,
    tasks.a_finished_job_loses_its_rights,
    tasks.a_running_agent_holds_nothing_between_tasks,
    tasks.a_slot_is_filled_for_a_task,
    tasks.a_task_is_delegated,
    endings.a_literal_key_is_refused,
    endings.a_foreign_pod_cannot_mount_the_slot,
    hostfiles.a_developer_reaches_no_token_by_the_nodes_files,
    hostfiles.a_file_of_the_node_stays_as_it_is,
    endings.a_grant_beyond_the_ceiling_says_so,
    endings.a_revoked_grant_ends_at_once,
    endings.a_window_runs_out,
    streams.open_streams_end_with_the_task,
    endings.a_kill_switch_ends_what_an_agent_holds,
    endings.nothing_is_left_and_each_end_is_proved,
]


def run(stage: Stage) -> None:
    say(f"Kubernetes {stage.kube.request('GET', '/version')['gitVersion']}, {stage.describe()}")
    say(f"state and logs: {stage.cluster.directory}")
    for number, step in enumerate(STEPS, 1):
        print(f"\n{number:2}. {step.__doc__}", flush=True)
        elapsed = stopwatch()
        try:
            step(stage)
        except Exception as error:
            print(f"\ndemo: step {number} failed after {elapsed():.1f} s: {error}", flush=True)
            raise SystemExit(1) from error
        print(f"    ok ({elapsed():.1f} s)", flush=True)
    print(f"\ndemo: {len(STEPS)} steps, all passed", flush=True)


def main(arguments: list[str]) -> int:
    if arguments == ["--end"]:
        end_leftover(kept_too=True)
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    elapsed = stopwatch()
    try:
        stage = Stage.open()
    except Exception as error:  # whatever it is, there is no cluster to show anything on
        print(f"demo: no cluster: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    keep = os.environ.get("KEEP") == "1"
    status = 1
    try:
        run(stage)
        status = 0
    except SystemExit as ended:
        status = ended.code
    except KeyboardInterrupt:
        status = 130
    finally:
        print(f"demo: logs: {stage.save_logs()}; took {elapsed():.0f} s", flush=True)
        stage.close(keep)
    if keep:
        print(f"demo: left running. export KUBECONFIG={stage.kube.kubeconfig}; end it with {HERE}/demo.py --end")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

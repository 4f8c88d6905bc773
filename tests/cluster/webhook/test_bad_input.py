"""Objects that nobody writes by accident, through a real API server: refused, or harmless as the API server stores them."""
import json

import pytest
from support.kinds import collection
from support.kube import ApiError, eventually

pytestmark = pytest.mark.usefixtures("webhook")

MIB = 1 << 20
CONTAINER = {"name": "a", "image": "localhost/a:1"}


@pytest.fixture(name="place")
def fixture_place(kube, namespace):
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    return namespace


def post(kube, namespace: str, kind: str, text: str) -> tuple[int, dict]:
    """Sends the very text; the API server's own validation of fields is left out, as old clients do."""
    return kube.raw("POST", collection(kind, namespace), text, dryRun="All", fieldValidation="Ignore")


def pod(spec: str, name: str = "p") -> str:
    return f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}"}}, "spec": {{{spec}}}}}'


CONTAINERS = f'"containers": [{json.dumps(CONTAINER)}]'


@pytest.mark.parametrize("fields", ['"hostNetwork": true, "hostNetwork": false', '"hostNetwork": false, "hostNetwork": true',
                                    '"hostNetwork": true, "host\\u004eetwork": false', '"HostNetwork": true', '"hostnetwork": true'])
def test_a_field_given_twice_or_in_another_case_hides_nothing(kube, place, fields):
    status, answer = post(kube, place, "Pod", pod(f"{fields}, {CONTAINERS}"))
    # Whichever of them the API server takes, that one is judged.
    if status == 201:
        assert not answer["spec"].get("hostNetwork"), answer["spec"]
    else:
        assert status in (400, 403, 422), answer
        assert status != 403 or "[SC202]" in answer["message"], answer


@pytest.mark.parametrize("spec", ['"containers": {}', f'{CONTAINERS}, "hostNetwork": "true"', f'{CONTAINERS}, "volumes": [5]',
                                  f'{CONTAINERS}, "automountServiceAccountToken": "false"'])
def test_fields_of_the_wrong_type_are_refused(kube, place, spec):
    status, answer = post(kube, place, "Pod", pod(spec))
    assert status in (400, 403, 422), answer


def test_a_volume_source_that_nobody_knows_is_no_way_in(kube, place):
    status, answer = post(kube, place, "Pod", pod(f'{CONTAINERS}, "volumes": [{{"name": "v", "quantumDisk": {{"secretName": "db"}}}}]'))
    assert status == 201 and answer["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}], answer


def test_deep_nesting_ends_in_a_refusal(kube, place):
    status, answer = post(kube, place, "Pod", pod(f'{CONTAINERS}, "x": {"[" * 20000}{"]" * 20000}'))
    assert status >= 400 or "x" not in answer["spec"], status
    assert post(kube, place, "Pod", pod(CONTAINERS))[0] == 201, "and everything goes on"


def test_the_last_of_many_variables_is_judged(kube, place):
    """1.4 MiB, near what etcd takes; the API server takes requests of 3 MiB."""
    env = [{"name": f"V{i}", "value": "x" * 10000} for i in range(140)]
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big"}, "spec": {"containers": [{**CONTAINER, "env": env}]}}
    kube.create(body, place, dry_run=True)
    env.append({"name": "PGPASSWORD", "value": "hunter2hunter2"})
    with pytest.raises(ApiError, match=r"\[SC109\].*PGPASSWORD"):
        kube.create(body, place, dry_run=True)


@pytest.mark.parametrize("size", [int(2.9 * MIB), int(3.2 * MIB)])
def test_three_mebibytes_are_answered(kube, place, size):
    env = [{"name": f"V{i}", "value": "x" * 10000} for i in range(size // 10000)]
    env.append({"name": "PGPASSWORD", "value": "hunter2hunter2"})
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big"}, "spec": {"containers": [{**CONTAINER, "env": env}]}}
    with pytest.raises(ApiError) as refused:
        kube.create(body, place, dry_run=True)
    assert refused.value.status in (400, 403, 413), refused.value
    assert "failed calling webhook" not in refused.value.message, "the webhook itself takes what the API server takes"

#include "tests/unit/operator/model/replica.hpp"

#include "tests/unit/operator/anybody.hpp"

namespace errand::model {

const char* const kWatchedKinds[kKindCount] = {
    "namespaces", "agentidentities", "taskgrants",   "serviceaccounts", "rolebindings", "secrets", "pods",
    "jobs",       "deployments",     "statefulsets", "roles",           "clusterroles"};

namespace {

bool ofCluster(int kind) { return kind < 3 || kind == kKindCount - 1; }

control::Context contextOf(state::Stores& stores, state::RevocationProofs& proofs,
                           const apply::Applier& applier, state::Observer& observer, kube::EventSink& events,
                           const Clock& clock) {
  return {stores, proofs, applier, observer, events, clock};
}

}  // namespace

Replica::Replica(ApiServer& server, kube::Transport& link, const FakeClock& clock)
    : server_(server),
      client_(link, {}, [](Millis, const std::stop_token&) { return true; }),
      queues_{kube::WorkQueue("grants", clock, random_), kube::WorkQueue("identities", clock, random_),
              kube::WorkQueue("namespaces", clock, random_), kube::WorkQueue("sweeps", clock, random_),
              kube::WorkQueue("enforcement", clock, random_)},
      applier_(client_, stores_, proofs_, {"https://kubernetes.default.svc", "CA"}, clock),
      observer_(stores_, proofs_, plan::nothingRefused(), clock),
      grants_(contextOf(stores_, proofs_, applier_, observer_, events_, clock), {}),
      identities_(contextOf(stores_, proofs_, applier_, observer_, events_, clock)),
      sweeps_(contextOf(stores_, proofs_, applier_, observer_, events_, clock)),
      enforcement_(contextOf(stores_, proofs_, applier_, observer_, events_, clock), Seconds{5}, "") {
  // Nobody makes any here.
  stores_.replicaSets.replace(kNamespace, {}, "1");
  stores_.cronJobs.replace(kNamespace, {}, "1");
  stores_.clusterBindings.replace("", {}, "1");
  control::connect(stores_, queues_);
  proofs_.follow(stores_.grants);
  (*stores_.watchedSince.access())[kNamespace] = clock.monotonic();
  queues_.sweeps.add({"", kNamespace});
}

template <class T>
void Replica::feed(kube::Store<T>& store, int kind, size_t most, bool again) {
  const std::string scope = ofCluster(kind) ? "" : kNamespace;
  const auto& events = server_.events(kWatchedKinds[kind]);
  const auto read = [](const json& object) { return std::make_shared<const T>(*api::decode<T>(object)); };
  if (!listed_[kind] || again) {
    typename kube::Store<T>::Snapshot objects;
    for (const auto& [name, object] : server_.all(kWatchedKinds[kind])) objects.add(*read(object));
    store.replace(scope, std::move(objects), std::to_string(server_.version()));
    listed_[kind] = true;
    heard_[kind] = events.size();
    return;
  }
  for (; most > 0 && heard_[kind] < events.size(); --most, ++heard_[kind]) {
    const ApiServer::Event event = events[heard_[kind]];
    auto object = read(event.object);
    if (event.deleted)
      store.erase(scope, {object->meta.ns, object->meta.name}, object->meta.resourceVersion);
    else
      store.apply(scope, std::move(object));
  }
}

bool Replica::lags(int kind) const {
  return !listed_[kind] || heard_[kind] < server_.events(kWatchedKinds[kind]).size();
}

bool Replica::deliver(int kind, size_t most, bool again) {
  if (!again && !lags(kind)) return false;
  switch (kind) {
    case 0:
      feed(stores_.namespaces, kind, most, again);
      break;
    case 1:
      feed(stores_.identities, kind, most, again);
      break;
    case 2:
      feed(stores_.grants, kind, most, again);
      break;
    case 3:
      feed(stores_.accounts, kind, most, again);
      break;
    case 4:
      feed(stores_.bindings, kind, most, again);
      break;
    case 5:
      feed(stores_.secrets, kind, most, again);
      break;
    case 6:
      feed(stores_.pods, kind, most, again);
      break;
    case 7:
      feed(stores_.jobs, kind, most, again);
      break;
    case 8:
      feed(stores_.deployments, kind, most, again);
      break;
    case 9:
      feed(stores_.statefulSets, kind, most, again);
      break;
    case 10:
      feed(stores_.roles, kind, most, again);
      break;
    default:
      feed(stores_.clusterRoles, kind, most, again);
  }
  return true;
}

bool Replica::work(int queue) {
  kube::WorkQueue& q = queue == 0   ? queues_.grants
                       : queue == 1 ? queues_.identities
                       : queue == 2 ? queues_.sweeps
                                    : queues_.enforcement;
  control::Controller& controller = queue == 0   ? static_cast<control::Controller&>(grants_)
                                    : queue == 1 ? static_cast<control::Controller&>(identities_)
                                    : queue == 2 ? static_cast<control::Controller&>(sweeps_)
                                                 : enforcement_;
  const auto key = q.tryGet();
  if (key) control::finish(q, controller, *key, controller.reconcile(*key));
  return key.has_value();
}

void Replica::wakeEverything() {
  for (const auto& identity : stores_.identities.listAll())
    queues_.identities.add({identity->meta.ns, identity->meta.name});
  for (const auto& grant : stores_.grants.listAll()) queues_.grants.add({grant->meta.ns, grant->meta.name});
  queues_.sweeps.add({"", kNamespace});
  queues_.enforcement.add({"", kNamespace});
}

}  // namespace errand::model

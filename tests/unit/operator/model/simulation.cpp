#include "tests/unit/operator/model/simulation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/unit/operator/model/answers.hpp"

namespace errand::model {
namespace {

std::string describe(const kube::Request& request) {
  std::string out(kube::toString(request.method));
  for (size_t i = 0; i < request.path.size(); ++i)
    if (i > 2) out += "/" + request.path[i];
  return out;
}

bool tellsToEnd(const kube::Request& request) {
  if (request.method != kube::Method::Patch || request.body.empty()) return false;
  const std::string body(request.body.reveal());
  return body.find("/spec/activeDeadlineSeconds") != body.npos &&
         body.find("/spec/schedulingGates") == body.npos;
}

}  // namespace

SimulatedCluster::SimulatedCluster(std::uint64_t seed) : random_(seed) {
  prepare();
  start(0);
  start(1);
}

std::string SimulatedCluster::trace() const { return fmt::format("{}", fmt::join(trace_, "\n")); }

void SimulatedCluster::start(int replica) {
  Process& p = processes_[static_cast<size_t>(replica)];
  p.operatorOf.reset();
  p.operatorOf = std::make_unique<Replica>(server_, links_[static_cast<size_t>(replica)], clock_);
  p.dead = false;
}

void SimulatedCluster::lead(int replica) {
  note(fmt::format("operator {} leads", replica));
  leader_ = replica;
  processes_[static_cast<size_t>(replica)].operatorOf->wakeEverything();
}

Result<kube::Response> SimulatedCluster::carry(int replica, const kube::Request& request) {
  Process& p = processes_[static_cast<size_t>(replica)];
  if (p.dead || leader_ != replica) return fail(ErrorKind::Cancelled, "this process does not lead");
  if (faults_ && chance(6)) meanwhile();
  const bool unclear = leader_ != replica;  // it has lost the lead while its call was on the way
  const size_t fate = faults_ ? pick(100) : 99;
  const std::string what = describe(request);
  if (fate < 2) {
    note(fmt::format("  {}: {} crashes before", replica, what));
    p.dead = true;
    return fail(ErrorKind::Cancelled, "crash");
  }
  if (fate < 6) {
    constexpr std::pair<int, const char*> refusals[] = {
        {409, "Conflict"}, {429, "TooManyRequests"}, {500, "InternalError"}, {503, "ServiceUnavailable"}};
    // A deletion whose one precondition is the uid has no Conflict but that one.
    const bool deletion = request.method == kube::Method::Delete;
    const auto [code, reason] = refusals[deletion ? 1 + pick(3) : pick(4)];
    note(fmt::format("  {}: {} is refused with {}", replica, what, code));
    return failure(code, reason);
  }
  if (refusing_ && tellsToEnd(request)) {
    note(fmt::format("  {}: {} is refused by a policy", replica, what));
    return failure(403, "Forbidden");
  }
  oracle_.beginsCall(replica);
  kube::Response answer = server_.serve(request);
  oracle_.endsCall(replica);
  note(fmt::format("  {}: {} {}{}", replica, what, answer.status, unclear ? " (late)" : ""));
  if (fate < 8) {
    note("    crashes after");
    p.dead = true;
    return fail(ErrorKind::Cancelled, "crash");
  }
  if (fate < 11) {
    note("    its answer is lost");
    return fail(ErrorKind::Unavailable, "connection closed");
  }
  return answer;
}

// While a call is on its way.
void SimulatedCluster::meanwhile() {
  if (depth_ > 0) return;
  ++depth_;
  switch (pick(4)) {
    case 0:
      act();
      break;
    case 1:
      hear(leader_);
      break;
    case 2: {
      // The process is stopped for longer than its lease; the other takes over.
      const int other = 1 - leader_;
      wait(Seconds{15 + pick(30)});
      for (size_t i = pick(2 * kKindCount); i > 0; --i) hear(other);
      lead(other);
      for (size_t i = pick(8); i > 0; --i) {
        hear(other);
        runOne(other);
      }
      break;
    }
    default:
      server_.collectGarbage();
  }
  --depth_;
}

void SimulatedCluster::hear(int replica) {
  Replica& r = *processes_[static_cast<size_t>(replica)].operatorOf;
  const int kind = static_cast<int>(pick(kKindCount));
  if (chance(10)) {
    note(fmt::format("operator {} lists {} anew", replica, kWatchedKinds[kind]));
    r.deliver(kind, 0, true);
    return;
  }
  if (chance(25)) {
    note(fmt::format("operator {} hears of everything", replica));
    for (int each = 0; each < kKindCount; ++each) r.deliver(each, 10'000);
    return;
  }
  const size_t most = chance(70) ? 100 : 1;
  if (r.deliver(kind, most)) note(fmt::format("operator {} hears of {}", replica, kWatchedKinds[kind]));
}

void SimulatedCluster::runOne(int replica) {
  Process& p = processes_[static_cast<size_t>(replica)];
  if (replica != leader_ || !p.operatorOf->syncedCluster()) return;
  note(fmt::format("operator {} runs", replica));
  oracle_.beginsRun(replica);
  const size_t first = chance(75) ? 0 : 1 + pick(2);
  for (size_t i = 0; i < 3; ++i)
    if (p.operatorOf->work(static_cast<int>((first + i) % 4))) break;
  if (p.dead) {
    start(replica);
    if (chance(30) && leader_ == replica) lead(1 - replica);
  } else if (leader_ != replica) {
    p.operatorOf->forgetProofs();
  }
}

void SimulatedCluster::wait(Millis time) {
  clock_.time += time;
  note(fmt::format("{} s pass", time.count() / 1000.0));
}

void SimulatedCluster::step() {
  const size_t what = pick(100);
  if (what < 12) {
    act();
  } else if (what < 50) {
    for (size_t i = 1 + pick(4); i > 0; --i) hear(static_cast<int>(pick(4) == 0 ? 1 - leader_ : leader_));
  } else if (what < 85) {
    for (size_t i = 1 + pick(3); i > 0; --i) runOne(leader_);
  } else if (what < 95) {
    wait(chance(60) ? Millis{200 + pick(3000)} : Millis{Seconds{20 + pick(500)}});
  } else if (what < 97) {
    server_.collectGarbage();
  } else {
    lead(1 - leader_);
    processes_[static_cast<size_t>(1 - leader_)].operatorOf->forgetProofs();
  }
  oracle_.checkNow();
}

// Everything is heard and done, at each of so many moments.
void SimulatedCluster::settle(Millis time, Millis pace) {
  Replica& r = *processes_[static_cast<size_t>(leader_)].operatorOf;
  for (Millis passed{0}; passed <= time; passed += pace) {
    server_.collectGarbage();
    for (int rounds = 0;; ++rounds) {
      bool busy = false;
      for (int kind = 0; kind < kKindCount; ++kind) busy = r.deliver(kind, 10'000) || busy;
      for (int queue = 0; queue < 4; ++queue) {
        oracle_.beginsRun(leader_);
        busy = r.work(queue) || busy;
      }
      if (!busy) break;
      if (rounds > 500) {
        note("never at rest");
        return;
      }
    }
    oracle_.checkNow();
    clock_.time += pace;
  }
}

std::vector<std::string> SimulatedCluster::run(int steps) {
  if (chance(85)) {  // else the schedule begins with a cluster that nobody has heard of
    faults_ = false;
    settle(Seconds{2}, Seconds{1});
    for (int kind = 0; kind < kKindCount; ++kind) processes_[1].operatorOf->deliver(kind, 0, true);
    faults_ = true;
    note("faults begin");
  }
  for (int i = 0; i < steps && oracle_.violations().empty(); ++i) step();
  if (!oracle_.violations().empty()) return oracle_.violations();
  note("faults stop");
  faults_ = false;
  settle(Seconds{15}, Millis{2500});
  settle(Seconds{120}, Seconds{20});
  oracle_.checkConverged();
  if (!oracle_.violations().empty()) return oracle_.violations();
  note("windows pass");
  settle(Seconds{4500}, Seconds{300});
  settle(Seconds{60}, Seconds{4});
  settle(Seconds{4200}, Seconds{1400});
  oracle_.checkWindowsOver();
  if (refusing_) note("the policy goes");
  refusing_ = false;
  settle(Seconds{120}, Seconds{5});
  oracle_.checkRunsTold();
  return oracle_.violations();
}

}  // namespace errand::model

#include "tests/unit/operator/statespace/transitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "operator/apply/order.hpp"
#include "tests/unit/operator/statespace/hierarchy.hpp"

namespace errand::statespace {

bool Transitions::isBelow(int grant, int of) const {
  for (int up = setting_.under[static_cast<size_t>(grant)]; up >= 0;
       up = setting_.under[static_cast<size_t>(up)])
    if (up == of) return true;
  return false;
}

// Returns the part of a state that plan() reads for that grant. The random walks detect if it is too small.
State Transitions::readBy(const State& s, int grant) const {
  State read;
  read.workload = s.workload;
  read.danger = s.danger;
  read.members[static_cast<size_t>(grant)] = s.members[static_cast<size_t>(grant)];
  for (int up = setting_.under[static_cast<size_t>(grant)]; up >= 0;
       up = setting_.under[static_cast<size_t>(up)]) {
    const Member& from = s.members[static_cast<size_t>(up)];
    if (from.there == 0) break;
    Member& m = read.members[static_cast<size_t>(up)];
    m.there = 1;
    m.stage = from.stage;
    m.deleting = from.deleting;
    m.revoked = from.revoked;
    m.accepted = m.sameEnforcement = from.accepted;
    m.started = from.started;
    m.sameParent = from.sameParent;
    m.age = from.age;
  }
  for (int i = 0; i < kGrants; ++i) {
    const Member& from = s.members[static_cast<size_t>(i)];
    if (!isBelow(i, grant) || from.there == 0 || from.sameParent == 0) continue;
    Member& m = read.members[static_cast<size_t>(i)];
    m.there = m.sameParent = m.accepted = m.sameEnforcement = 1;
    m.started = from.started;
    m.binding = from.binding;
  }
  return canonical(setting_, read);
}

const Transitions::Transition& Transitions::of(const State& s, int grant) {
  const Key key{readBy(s, grant), grant};
  const auto found = transitions_.find(key);
  if (found != transitions_.end()) return found->second;
  const Hierarchy hierarchy(setting_, key.read);
  Transition transition;
  if (!(hierarchy.state() == key.read)) {
    transition.whole = {key.read, "a state that no family is in"};
    return transitions_.emplace(key, std::move(transition)).first->second;
  }
  const plan::Plan p = hierarchy.planned(grant);
  transition.again = p.requeueAfter && *p.requeueAfter <= Millis{kTick};
  const auto play = [&](std::optional<size_t> crashAfter) {
    Hierarchy played = hierarchy;
    std::string broken = played.carry(grant, p, crashAfter);
    return Outcome{played.state(), std::move(broken)};
  };
  transition.whole = play(std::nullopt);
  size_t actions = 0;
  apply::inOrder(p, [&](const plan::Action&) { return ++actions > 0; });
  for (size_t calls = 0; calls <= actions; ++calls) transition.broken_off.push_back(play(calls));
  if (!p.endRuns.empty()) {
    Hierarchy played = hierarchy;
    std::string broken = played.carry(grant, p, std::nullopt, true);
    transition.refused = {played.state(), std::move(broken)};
    const auto butForThePod = [&](State of) {
      of.members[static_cast<size_t>(grant)].open = 0;
      return canonical(setting_, of);
    };
    if (!(butForThePod(transition.refused->after) == butForThePod(transition.whole.after)))
      transition.refused->broken = "a pod that could not be told to end held something else off";
    // The pod must not hold up the next plans either. Except for the end of the grant itself, they do the
    // same as without the pod.
    Hierarchy without(setting_, butForThePod(key.read));
    const Member is = without.state().members[static_cast<size_t>(grant)];
    without.carry(grant, without.planned(grant), std::nullopt);
    const Member then = without.state().members[static_cast<size_t>(grant)];
    if (is.stage == std::to_underlying(Stage::Over) && then.there == 1 && then.deleting == is.deleting &&
        !(butForThePod(transition.refused->after) == butForThePod(without.state())))
      transition.refused->broken = "a pod that could not be told to end held off what is done without it";
  }
  return transitions_.emplace(key, std::move(transition)).first->second;
}

State Transitions::merge(State s, const Outcome& outcome, int grant, bool crashed) const {
  s.members[static_cast<size_t>(grant)] = outcome.after.members[static_cast<size_t>(grant)];
  for (int i = 0; i < kGrants; ++i) {
    Member& m = s.members[static_cast<size_t>(i)];
    if (isBelow(i, grant) && m.sameParent == 1)
      m.binding = outcome.after.members[static_cast<size_t>(i)].binding;
    if (crashed) m.held = m.refused = 0;  // the proofs are lost with the process
  }
  return canonical(setting_, s);
}

std::vector<Step> Transitions::steps(const State& s) {
  std::vector<Step> out = happenings(s);
  for (std::uint8_t i = 0; i < kGrants; ++i) {
    if (s.members[i].there == 0) continue;
    out.push_back({Act::Run, i});
    const auto points = of(s, i).broken_off.size();
    for (std::uint8_t calls = 0; calls < points; ++calls) out.push_back({Act::Crash, i, calls});
    if (of(s, i).refused) out.push_back({Act::Refuse, i});
  }
  return out;
}

std::string Transitions::take(State& s, const Step& step) {
  if (step.act != Act::Run && step.act != Act::Crash && step.act != Act::Refuse) {
    s = happen(setting_, s, step);
    return {};
  }
  const Transition& transition = of(s, step.grant);
  const bool crashed = step.act == Act::Crash;
  const Outcome& outcome = crashed                   ? transition.broken_off.at(step.calls)
                           : step.act == Act::Refuse ? transition.refused.value()
                                                     : transition.whole;
  s = merge(s, outcome, step.grant, crashed);
  return outcome.broken;
}

std::string Transitions::atRest(const State& s) const {
  for (int i = 0; i < kGrants; ++i) {
    const Member& m = s.members[static_cast<size_t>(i)];
    const char name = static_cast<char>('a' + i);
    const bool ended = m.stage == std::to_underlying(Stage::Over);
    const bool kept = ended ? m.account != 0 : m.started == 1 && m.account != 0;
    if (over(setting_, s, i) && (m.binding == 1 || m.slot > 0 || (m.there == 1 && kept)))
      return fmt::format("{} is over and has something", name);
    if (m.there == 1 && m.open == 1 && over(setting_, s, i))
      return fmt::format("{} is over and its pod was not told to end", name);
    if (m.binding == 1 && m.started == 0) return fmt::format("{} has rights without a stored start", name);
    const int up = setting_.under[static_cast<size_t>(i)];
    if (m.binding == 1 && up >= 0 && s.members[static_cast<size_t>(up)].binding == 0)
      return fmt::format("{} has rights without its parent", name);
  }
  return {};
}

std::string Transitions::settle(State s, const States& known, std::vector<State>& passed) {
  for (int rounds = 0; rounds < 300; ++rounds) {
    if (known.contains(representative(setting_, s))) return {};
    passed.push_back(representative(setting_, s));
    const State before = s;
    for (std::uint8_t i = 0; i < kGrants; ++i)
      if (s.members[i].there == 1)
        if (auto broken = take(s, {Act::Run, i}); !broken.empty()) return broken;
    if (!(s == before)) continue;
    if (auto broken = atRest(s); !broken.empty()) return broken;
    const State later = happen(setting_, s, {Act::Tick});
    for (std::uint8_t i = 0; i < kGrants; ++i) {
      if (s.members[i].there == 0) continue;
      State worked = later;
      if (auto broken = take(worked, {Act::Run, i}); !broken.empty()) return broken;
      if (!(worked == later) && !looksAgain(s, i))
        return fmt::format("time changes {}, and the operator does not look again",
                           static_cast<char>('a' + i));
    }
    if (!(later == s)) {
      s = later;
      continue;
    }
    for (const Member& m : s.members)
      if (m.stage == std::to_underlying(Stage::Over) || m.deleting == 1) return "an end that never is done";
    return {};
  }
  return "never at rest";
}

}  // namespace errand::statespace

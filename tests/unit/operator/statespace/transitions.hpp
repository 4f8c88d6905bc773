// Caches the result of plan() for each state. A Hierarchy has a few million states, but only some thousand of
// them differ in what plan() reads.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/unit/operator/statespace/state.hpp"

namespace errand::statespace {

class Transitions {
 public:
  explicit Transitions(const Setting& setting) : setting_(setting) {}

  // Returns the possible next steps, including each point at which the operator may crash.
  std::vector<Step> steps(const State& s);

  // Takes a step of any kind. Returns the guarantee that it broke, or an empty string.
  std::string take(State& s, const Step& step);

  // True if the operator requeues the grant within a tick after its work on it.
  bool looksAgain(const State& s, int grant) { return of(s, grant).again; }

  // As Hierarchy::settle(), but from tick to tick. Also checks that the operator requeues each grant that
  // time alone changes. Adds the states on the way to `passed`, and ends at a state that is in `known`.
  std::string settle(State s, const States& known, std::vector<State>& passed);

  size_t size() const { return transitions_.size(); }

 private:
  struct Outcome {
    State after;
    std::string broken;
  };
  struct Transition {
    Outcome whole;
    std::vector<Outcome> broken_off;  // after so many calls
    std::optional<Outcome> refused;   // set if the plan ends pods: the outcome if that is rejected
    bool again = false;
  };
  struct Key {
    State read;
    int grant;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& k) const { return Hash{}(k.read) * 4 + static_cast<size_t>(k.grant); }
  };

  const Transition& of(const State& s, int grant);
  State readBy(const State& s, int grant) const;
  bool isBelow(int grant, int of) const;
  State merge(State s, const Outcome& outcome, int grant, bool crashed) const;
  std::string atRest(const State& s) const;

  Setting setting_;
  std::unordered_map<Key, Transition, KeyHash> transitions_;
};

}  // namespace errand::statespace

// What plan() makes of a state, remembered: of the few million states of a family there are some thousand
// that differ in what it reads.
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

  // What the operator may do next, and where it may die meanwhile.
  std::vector<Step> steps(const State& s);

  // Does a step of any kind. Returns which promise was broken; empty where none was.
  std::string take(State& s, const Step& step);

  // Whether the operator, after its work on the grant, is to look again within a tick.
  bool looksAgain(const State& s, int grant) { return of(s, grant).again; }

  // As Hierarchy::settle(), from tick to tick, and that whatever the clock alone changes was asked to be
  // looked at. Adds to `passed` the states on the way; ends at one that is in `known`.
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
    std::optional<Outcome> refused;   // where pods are to be told to end, and nobody lets them
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

// Counts the grants of each tool class and of each agent. The counts are updated on every change. If each of
// ten thousand grants counted the others, that would take minutes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/guarded.hpp"
#include "core/kube/watch/store.hpp"
#include "operator/plan/observed.hpp"

namespace errand::state {

// Returns the key of a grant's tool class: namespace/agent/class.
std::string classKey(const api::TaskGrant& grant);

// Follows the store once connect() has been called. Safe to use from several threads, and from
// the store's listeners.
class GrantCounts {
 public:
  struct OfAgent {
    std::int32_t active = 0;        // grants of phase Active
    std::optional<Time> lastStart;  // of all grants in the store, even ended ones
  };

  // Listens to the store. Call it once, before the first reflector starts, and before adding a listener that
  // reads the counts. The store must not change after this object is destroyed.
  void connect(kube::Store<api::TaskGrant>& grants);

  // A start that is in progress and not in the stores yet.
  struct Starting {
    std::string name;
    bool forSlot = false;
  };
  using QueuePosition = std::pair<Time, std::string>;  // creationTimestamp and uid

  // Returns the counts of the other grants of the grant's class. A start in progress (`underWay`) counts as
  // started, unless the store already has it as started or earlier in line.
  plan::Siblings siblings(const api::TaskGrant& grant,
                          const std::map<QueuePosition, Starting>& underWay = {});
  // Returns the grant's place in the line of its class: older grants come first.
  static QueuePosition positionOf(const api::TaskGrant& grant);
  // Returns the counts of an agent; zero if it has no grant.
  OfAgent agent(std::string_view ns, std::string_view name);
  // Returns the names of grants to requeue because the class may have a free place, the oldest first. Each
  // waits for its turn or for the slot. Returns eight more names than places are free, because a grant may
  // also wait for something else.
  std::vector<std::string> next(const api::TaskGrant& ofClass, std::int32_t maxActiveGrants);

 private:
  using Id = std::uint64_t;  // identifies a grant by its uid
  struct Waiting {
    std::string name;
    bool forSlot = false;
  };
  struct Class {
    std::vector<Id> started;  // sorted, like every vector of this class
    // The names of started grants that deliver into the slot.
    std::map<Id, std::string> inSlot;
    std::map<QueuePosition, Waiting> line;
    // The names of grants in `line` that wait for their turn or the slot. No other event requeues them.
    std::map<QueuePosition, std::string> next;
  };
  struct Agent {
    std::vector<Id> active;
    std::vector<std::pair<Time, Id>> starts;
  };
  struct State {
    std::map<std::string, Class, std::less<>> classes;
    std::map<std::string, Agent, std::less<>> agents;
  };

  static void forget(State& state, const api::TaskGrant& grant);
  static void count(State& state, const api::TaskGrant& grant);

  Guarded<State> state_;
};

}  // namespace errand::state

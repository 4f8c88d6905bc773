// A fair queue of questions for the API server. Each client has its own line, and the clients take turns.
// The queue has neither I/O nor locks.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <list>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace errand::webhook {

// The client of a question: its network, its address in that network, and the party at that address. The
// server observes the first two; the client claims the last (partyOf). Many addresses of one network together
// get no more turns than another network, and many parties no more than another address. CPU is shared in the
// same way (serve::Payer).
using Behalf = std::array<std::string, 3>;

// A queue whose turns go by network, then by address, then by party. Not thread-safe.
template <class T>
class Line {
 public:
  // The queue has at most `most` items.
  explicit Line(std::size_t most) : most_(most) {}

  // Appends the item to the client's own line, unless it is already there. An item for which several clients
  // wait is in the line of each. If the queue is full, this drops the last item of the network with most
  // items, there of the address with most, and there of the party with most. Among equals the pushing client
  // loses, so that it takes no place from a client with as few items.
  void push(const Behalf& behalf, T item) {
    if (add(root_, behalf, std::move(item)) && root_.size > most_) drop(root_, behalf);
  }

  bool empty() const { return root_.size == 0; }
  std::size_t size() const { return root_.size; }

  // Removes and returns the first item of the client whose turn it is. Requires that the queue
  // is not empty().
  T pop() { return take(root_); }

 private:
  using Rest = std::span<const std::string>;
  struct Branch {
    std::string name = {};
    std::size_t size = 0;
    std::list<Branch> below = {};  // in the order of turns; no branch is empty
    std::deque<T> items = {};      // of a party, which has no branches below it
    std::set<T> held = {};         // the same items
  };

  static bool add(Branch& at, Rest rest, T&& item) {
    bool added = false;
    if (rest.empty()) {
      added = at.held.insert(item).second;
      if (added) at.items.push_back(std::move(item));
    } else {
      auto next = std::ranges::find(at.below, rest.front(), &Branch::name);
      if (next == at.below.end()) next = at.below.insert(next, Branch{.name = rest.front()});
      added = add(*next, rest.subspan(1), std::move(item));
    }
    at.size += added ? 1 : 0;
    return added;
  }

  // Drops the last item of the largest branch. `pusher` is empty in a branch that is not
  // the pushing client's.
  static void drop(Branch& at, Rest pusher) {
    --at.size;
    if (at.below.empty()) {
      at.held.erase(at.items.back());
      at.items.pop_back();
      return;
    }
    const auto isPushers = [&](const Branch& one) { return !pusher.empty() && one.name == pusher.front(); };
    const auto most = std::ranges::max_element(
        at.below, {}, [&](const Branch& one) { return std::pair(one.size, isPushers(one)); });
    drop(*most, isPushers(*most) ? pusher.subspan(1) : Rest());
    if (most->size == 0) at.below.erase(most);
  }

  static T take(Branch& at) {
    --at.size;
    if (at.below.empty()) {
      T out = std::move(at.items.front());
      at.items.pop_front();
      at.held.erase(out);
      return out;
    }
    const auto next = at.below.begin();
    T out = take(*next);
    if (next->size == 0)
      at.below.erase(next);
    else
      at.below.splice(at.below.end(), at.below, next);
    return out;
  }

  const std::size_t most_;
  Branch root_;
};

}  // namespace errand::webhook

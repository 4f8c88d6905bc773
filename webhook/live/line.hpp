// What is to be asked of the API server, in a line for each of those on whose behalf it is: each has its
// turn.
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

// Of which network, there of which address, and there for which party: from what others see of a client to
// what it says itself, as CPU is shared (serve::Payer). Many names within one part are never more than one
// part.
using Behalf = std::array<std::string, 3>;

// Turns go by network, within it by address, and within that by party.
template <class T>
class Line {
 public:
  explicit Line(std::size_t most) : most_(most) {}

  // At the end of its own line, where it does not stand there already: what others wait for as well is in
  // each of their lines. What does not fit any more is lost: of the network with most, there of the address
  // and there of the party, the last. Of equals the one that pushes loses, so that nobody takes from who has
  // no more.
  void push(const Behalf& behalf, T item) {
    if (add(root_, behalf, std::move(item)) && root_.size > most_) drop(root_, behalf);
  }

  bool empty() const { return root_.size == 0; }
  std::size_t size() const { return root_.size; }

  // The first of whose turn it is; not where it is empty().
  T pop() { return take(root_); }

 private:
  using Rest = std::span<const std::string>;
  struct Branch {
    std::string name = {};
    std::size_t size = 0;
    std::list<Branch> below = {};  // whose turn is next comes first; none is empty
    std::deque<T> items = {};      // of a party, below which there is nothing
    std::set<T> held = {};         // the same
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

  // `pusher` is empty below a branch that is not the pusher's.
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

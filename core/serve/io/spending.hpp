// Who has used how much CPU lately: what the turns of waiting requests go by.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {

// CPU seconds, of which half is forgotten each second.
class Account {
 public:
  using Time = std::chrono::steady_clock::time_point;
  double at(Time now) const;
  void add(double seconds, Time now);

 private:
  double value_ = 0;
  Time since_ = {};
};

// Whose a request is: of which network, there of which address, and there of which party. Whoever holds a
// part is told apart within it alone: a thousand parties of one address have no more than that address.
struct Payer {
  std::shared_ptr<Account> network, address, party;
};

// Safe for several threads.
class Spending {
 public:
  // `party` is cut at 64 characters.
  Payer open(const Source& source, std::string_view party);
  void charge(const Payer& payer, std::chrono::nanoseconds cpu);

  // The place of whoever has used least, of those that `payerOf` gives for 0 ≤ i < count. The first of
  // equals.
  template <class F>
  std::size_t least(std::size_t count, F payerOf) {
    const auto books = books_.access();  // the accounts' lock, too
    const Account::Time now = std::chrono::steady_clock::now();
    std::size_t best = 0;
    for (std::size_t i = 1; i < count; ++i)
      if (isLess(payerOf(i), payerOf(best), now)) best = i;
    return best;
  }

  std::size_t accounts() { return books_.access()->size(); }

  static constexpr std::size_t kMostAccounts = 4096;

 private:
  using Books = std::unordered_map<std::string, std::shared_ptr<Account>>;
  static bool isLess(const Payer& a, const Payer& b, Account::Time now);
  static std::shared_ptr<Account> find(Books& books, std::string key);
  static void forget(Books& books);

  Guarded<Books> books_;
};

// CPU time of the calling thread.
std::chrono::nanoseconds threadCpu();

}  // namespace errand::serve

// The recent CPU use of each client, which orders waiting requests.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {

// CPU seconds that were used, halved with each second that passes. Spending's lock guards it.
class Account {
 public:
  using Time = std::chrono::steady_clock::time_point;
  double at(Time now) const;
  void add(double seconds, Time now);

 private:
  double value_ = 0;
  Time since_ = {};
};

// The accounts of a request: its network, its address in that network, and its party at that address. Each
// level competes only within the level above, so an address with many parties gets no more CPU.
struct Payer {
  std::shared_ptr<Account> network, address, party;
};

// Safe to use from several threads.
class Spending {
 public:
  // Returns the accounts of a request. Only the first 64 bytes of `party` count.
  Payer open(const Source& source, std::string_view party);
  // Adds CPU time to the three accounts.
  void charge(const Payer& payer, std::chrono::nanoseconds cpu);

  // Returns the index of the payer that has used least CPU, the first among equals. `payerOf` returns the
  // payers for 0 ≤ i < count.
  template <class F>
  std::size_t least(std::size_t count, F payerOf) {
    const auto books = books_.access();  // also locks the accounts
    const Account::Time now = std::chrono::steady_clock::now();
    std::size_t best = 0;
    for (std::size_t i = 1; i < count; ++i)
      if (isLess(payerOf(i), payerOf(best), now)) best = i;
    return best;
  }

  std::size_t accounts() { return books_.access()->size(); }

  // At this number, accounts that no Payer uses are forgotten.
  static constexpr std::size_t kMostAccounts = 4096;

 private:
  using Books = std::unordered_map<std::string, std::shared_ptr<Account>>;
  static bool isLess(const Payer& a, const Payer& b, Account::Time now);
  static std::shared_ptr<Account> find(Books& books, std::string key);
  static void forget(Books& books);

  Guarded<Books> books_;
};

// Returns the CPU time of the calling thread.
std::chrono::nanoseconds threadCpu();

}  // namespace errand::serve

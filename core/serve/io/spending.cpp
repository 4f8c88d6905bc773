#include "core/serve/io/spending.hpp"

#include <cmath>
#include <ctime>

namespace errand::serve {
namespace {

constexpr std::size_t kPartyBytes = 64;
constexpr double kNothing = 1e-4;  // seconds; an account with less has no recent use

}  // namespace

std::chrono::nanoseconds threadCpu() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

double Account::at(Time now) const {
  return value_ == 0 ? 0 : value_ * std::exp2(-std::chrono::duration<double>(now - since_).count());
}

void Account::add(double seconds, Time now) {
  value_ = at(now) + seconds;
  since_ = now;
}

bool Spending::isLess(const Payer& a, const Payer& b, Account::Time now) {
  if (a.network != b.network) return a.network->at(now) < b.network->at(now);
  if (a.address != b.address) return a.address->at(now) < b.address->at(now);
  return a.party != b.party && a.party->at(now) < b.party->at(now);
}

// Keeps the accounts in use. Keeps unused accounts with recent CPU use only if there is room.
void Spending::forget(Books& books) {
  const Account::Time now = std::chrono::steady_clock::now();
  std::erase_if(books,
                [&](const auto& b) { return b.second.use_count() == 1 && b.second->at(now) < kNothing; });
  if (books.size() >= kMostAccounts)
    std::erase_if(books, [](const auto& b) { return b.second.use_count() == 1; });
}

std::shared_ptr<Account> Spending::find(Books& books, std::string key) {
  if (const auto found = books.find(key); found != books.end()) return found->second;
  if (books.size() >= kMostAccounts) forget(books);
  return books.emplace(std::move(key), std::make_shared<Account>()).first->second;
}

// The first byte of a key is the kind of its account. A party's key also has the address's length. Otherwise
// a party of an IPv4 address could form the key of an IPv6 address.
Payer Spending::open(const Source& source, std::string_view party) {
  const auto books = books_.access();
  Payer out;
  out.network = find(*books, "n" + source.network);
  out.address = find(*books, "a" + source.address);
  std::string key(1, 'p');
  key += static_cast<char>(source.address.size());
  out.party = find(*books, key.append(source.address).append(party.substr(0, kPartyBytes)));
  return out;
}

void Spending::charge(const Payer& payer, std::chrono::nanoseconds cpu) {
  const auto books = books_.access();
  const Account::Time now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(cpu).count();
  for (const auto& account : {payer.network, payer.address, payer.party}) account->add(seconds, now);
}

}  // namespace errand::serve

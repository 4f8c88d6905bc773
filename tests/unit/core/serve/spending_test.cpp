// The order in which waiting requests get their turn, on an I/O thread and for large bodies.
#include "core/serve/io/spending.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>

#include "core/serve/io/bench.hpp"

namespace errand::serve {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Source v4(const std::string& address) { return {address, address}; }

class SpendingTest : public testing::Test {
 protected:
  std::size_t least(const std::vector<Payer>& payers) {
    return spending_.least(payers.size(), [&](std::size_t i) -> const Payer& { return payers[i]; });
  }
  Spending spending_;
};

TEST_F(SpendingTest, WhoeverHasUsedLeastIsFirstAndThenWhoCameFirst) {
  const Payer one = spending_.open(v4("1111"), ""), other = spending_.open(v4("2222"), "");
  EXPECT_EQ(least({one, other}), 0u);
  spending_.charge(one, 5ms);
  EXPECT_EQ(least({one, other}), 1u);
  spending_.charge(other, 8ms);
  EXPECT_EQ(least({one, other}), 0u);
}

TEST_F(SpendingTest, WhatWasUsedIsRememberedWithoutAConnection) {
  spending_.charge(spending_.open(v4("1111"), "a"), 5ms);
  EXPECT_EQ(least({spending_.open(v4("1111"), "a"), spending_.open(v4("1111"), "b")}), 1u);
}

TEST_F(SpendingTest, ManyPartiesOfAnAddressHaveNoMoreThanTheAddress) {
  for (int i = 0; i < 100; ++i) spending_.charge(spending_.open(v4("1111"), std::to_string(i)), 1ms);
  const Payer fresh = spending_.open(v4("1111"), "fresh"), other = spending_.open(v4("2222"), "a");
  spending_.charge(other, 50ms);
  EXPECT_EQ(least({fresh, other}), 1u);
}

TEST_F(SpendingTest, ManyAddressesOfANetworkHaveNoMoreThanTheNetwork) {
  const auto v6 = [](char network, char host) {
    return sourceOfV6(std::string(7, '\x20') + network + std::string(7, '\0') + host);
  };
  for (char i = 0; i < 100; ++i) spending_.charge(spending_.open(v6(1, i), ""), 1ms);
  const Payer fresh = spending_.open(v6(1, 101), ""), other = spending_.open(v6(2, 1), "");
  spending_.charge(other, 50ms);
  EXPECT_EQ(least({fresh, other}), 1u);
  EXPECT_EQ(least({spending_.open(v6(1, 1), ""), fresh}), 1u) << "within the network by address";
}

TEST_F(SpendingTest, APartyOfAnIpv4AddressIsNoIpv6Address) {
  spending_.charge(spending_.open(v4("1111"), "elevenbytes"), 50ms);
  for (const char* separator : {"", "/"}) {
    const std::string spelt = std::string("1111") + separator + "elevenbytes";
    EXPECT_EQ(spending_.open(v4(spelt), "").address->at(std::chrono::steady_clock::now()), 0) << spelt;
    EXPECT_EQ(spending_.open(v4(spelt), "").party->at(std::chrono::steady_clock::now()), 0) << spelt;
  }
}

TEST_F(SpendingTest, TheBooksAreBounded) {
  for (std::size_t i = 0; i < 3 * Spending::kMostAccounts; ++i)
    spending_.charge(spending_.open(v4("1111"), std::to_string(i)), 1ms);
  EXPECT_LE(spending_.accounts(), Spending::kMostAccounts + 3);
}

class BenchTest : public SpendingTest {
 protected:
  std::shared_ptr<Bench::Job> job(const std::string& party, std::size_t bytes, std::function<void()> work) {
    auto out = std::make_shared<Bench::Job>();
    out->payer = spending_.open(v4("1111"), party);
    out->bytes = bytes;
    out->work = std::move(work);
    out->done = [this] { done_.count_down(); };
    return out;
  }
  static void burn(std::chrono::milliseconds cpu) {
    for (const auto end = threadCpu() + cpu; threadCpu() < end;) {
    }
  }
  std::latch done_{3};
};

TEST_F(BenchTest, OfOnePartyOneIsWorkedOnAtATime) {
  Bench bench(spending_, 8, 1000);
  std::atomic<int> now = 0, most = 0;
  const auto work = [&] {
    most = std::max<int>(most, ++now);
    burn(2ms);
    --now;
  };
  for (int i = 0; i < 3; ++i) bench.add(job("a", 1, work));
  done_.wait();
  EXPECT_EQ(most, 1);
}

TEST_F(BenchTest, TheBytesAtOnceAreBoundedAndOneBodyMayHaveMore) {
  Bench bench(spending_, 8, 1000);
  std::atomic<std::size_t> now = 0, most = 0;
  for (const auto& [party, bytes] :
       {std::pair("a", std::size_t{600}), {"b", std::size_t{600}}, {"c", std::size_t{5000}}})
    bench.add(job(party, bytes, [&, bytes = bytes] {
      const std::size_t sum = now += bytes;
      if (sum > most) most = sum;
      burn(2ms);
      now -= bytes;
    }));
  done_.wait();
  EXPECT_EQ(most, 5000u);
}

TEST_F(BenchTest, WhoHasUsedLeastIsNextAndWhatIsWithdrawnNeverBegins) {
  Bench bench(spending_, 1, 1000);
  std::latch begun(1), go(1);
  std::vector<std::string> order;
  bench.add(job("a", 1, [&] {
    begun.count_down();
    go.wait();
    burn(2ms);
  }));
  begun.wait();
  bench.add(job("a", 1, [&] { order.emplace_back("a"); }));
  const auto removed = job("b", 1, [&] { order.emplace_back("never"); });
  bench.add(removed);
  bench.add(job("b", 1, [&] { order.emplace_back("b"); }));
  EXPECT_TRUE(bench.remove(removed));
  go.count_down();
  done_.wait();
  EXPECT_THAT(order, ElementsAre("b", "a"));
  EXPECT_FALSE(bench.remove(removed));
}

}  // namespace
}  // namespace errand::serve

// The eviction of connections when a server is full.
#include "core/serve/io/seats.hpp"

#include <gtest/gtest.h>

#include <array>

#include "core/serve/io/worker.hpp"

namespace errand::serve {
namespace {

using namespace std::chrono_literals;

class SeatsTest : public testing::Test {
 protected:
  std::shared_ptr<Seat> sit(Source source, std::chrono::seconds idle = 0s) {
    auto seat = std::make_shared<Seat>(++number_, std::move(source), worker());
    seat->idleSince = Seat::Clock::now() - idle;
    seats_.enter(seat);
    return seat;
  }
  static Source v4(const char* address) { return {address, address}; }
  static Source v6(char network, int host) {
    return sourceOfV6(std::string("\x20\x01") + std::string(5, '\0') + network + std::string(6, '\0') +
                      static_cast<char>(host / 256) + static_cast<char>(host % 256));
  }

  Seats seats_;

 private:
  // Never asked for anything here.
  Worker& worker() { return reinterpret_cast<Worker&>(place_); }
  alignas(Worker) std::array<char, sizeof(Worker)> place_{};
  std::uint64_t number_ = 0;
};

TEST_F(SeatsTest, OfTheSourceWithMostTheLongestIdleGoes) {
  sit(v4("api1"), 60s);
  sit(v4("evil"), 5s);
  const auto longest = sit(v4("evil"), 30s);
  EXPECT_EQ(seats_.evict(), longest);
  EXPECT_TRUE(longest->leaving);
  EXPECT_EQ(seats_.size(), 2u);
}

TEST_F(SeatsTest, WhoWasToldToGoCountsNoMoreAndIsNotToldTwice) {
  const auto first = sit(v4("evil"), 30s), second = sit(v4("evil"), 20s), other = sit(v4("api1"), 90s);
  EXPECT_EQ(seats_.evict(), first);
  EXPECT_EQ(seats_.of(second->source), 1u);
  EXPECT_EQ(seats_.evict(), other) << "of as many, what is idle longest";
  EXPECT_EQ(seats_.evict(), second);
  EXPECT_EQ(seats_.evict(), nullptr);
}

TEST_F(SeatsTest, ARequestUnderWayIsCutOnlyWhereAllHaveOne) {
  const auto busy = sit(v4("evil"), 60s), alsoBusy = sit(v4("evil"), 50s), idle = sit(v4("api1"), 1s);
  busy->asking = alsoBusy->asking = true;
  EXPECT_EQ(seats_.evict(), idle);
  EXPECT_EQ(seats_.evict(), busy);
}

TEST_F(SeatsTest, ASourceAtItsOwnLimitGivesOneOfItsOwn) {
  const auto own = sit(v4("api1"), 1s);
  for (int i = 0; i < 5; ++i) sit(v4("evil"), 60s);
  const Source source = own->source;
  EXPECT_EQ(seats_.evict(&source), own);
}

// A host that owns a /64 counts as one source among others.
TEST_F(SeatsTest, ManyAddressesOfOneNetworkAreOneAmongOthers) {
  for (char i = 0; i < 5; ++i) sit(v4("api1"), 90s);
  for (char i = 1; i <= 6; ++i) sit(v6(1, i), 10s);
  EXPECT_EQ(seats_.evict()->source.network, v6(1, 1).network);
}

// Nodes, pods and the control plane may share a /64. Then the address with most connections in it gives way.
TEST_F(SeatsTest, WithinANetworkTheAddressWithMostGivesWay) {
  const auto control = sit(v6(1, 1), 90s);
  for (int i = 0; i < 20; ++i) sit(v6(1, 2), 1s);
  for (int i = 0; i < 19; ++i) EXPECT_EQ(seats_.evict()->source.address, v6(1, 2).address);
  EXPECT_FALSE(control->leaving);
}

TEST_F(SeatsTest, TheLargestBodyOfWhoHoldsMostGoesAndNeverForItsOwn) {
  const auto small = sit(v4("evil")), large = sit(v4("evil")), api = sit(v4("api1"));
  small->body = 10;
  large->body = 90;
  api->body = 60;
  EXPECT_TRUE(seats_.roomFor(*api, 160).fits);
  EXPECT_FALSE(seats_.roomFor(*small, 159).fits);
  EXPECT_EQ(seats_.roomFor(*small, 159).leaves, nullptr);
  EXPECT_EQ(seats_.roomFor(*api, 159).leaves, large);
  EXPECT_EQ(seats_.roomFor(*api, 159).leaves, nullptr) << "what leaves counts no more";
  EXPECT_TRUE(seats_.roomFor(*api, 159).fits);
  EXPECT_FALSE(seats_.roomFor(*api, 10).fits) << "who holds most now is the one that asks";
}

TEST_F(SeatsTest, RequestsBeyondTheEqualShareAreTooMany) {
  for (int i = 0; i < 5; ++i) sit(v4("evil"))->asking = true;
  sit(v4("api1"))->asking = true;
  EXPECT_TRUE(seats_.asksTooMuch(v4("evil"), 8));
  EXPECT_FALSE(seats_.asksTooMuch(v4("api1"), 8));
}

// A host with 600 addresses in its /64 leaves half of all requests to others, not one of 601 parts.
TEST_F(SeatsTest, TheShareOfRequestsGoesByNetworkFirst) {
  constexpr std::size_t kMost = 512;
  for (int i = 0; i < 600; ++i) sit(v6(1, i))->asking = true;
  for (int i = 0; i < 256; ++i) {
    sit(v4("api1"))->asking = true;
    EXPECT_FALSE(seats_.asksTooMuch(v4("api1"), kMost)) << i;
  }
  sit(v4("api1"))->asking = true;
  EXPECT_TRUE(seats_.asksTooMuch(v4("api1"), kMost)) << "its own share has an end, too";
  EXPECT_FALSE(seats_.asksTooMuch(v6(1, 7), kMost)) << "each has one";
  sit(v6(1, 7))->asking = true;
  EXPECT_TRUE(seats_.asksTooMuch(v6(1, 7), kMost));
}

// The control plane may be in the same /64 as the address with most requests.
TEST_F(SeatsTest, WithinANetworkTheShareGoesByAddress) {
  for (int i = 0; i < 60; ++i) sit(v6(1, 1))->asking = true;
  for (int i = 0; i < 10; ++i) sit(v6(1, 2))->asking = true;
  sit(v4("api1"))->asking = true;
  EXPECT_TRUE(seats_.asksTooMuch(v6(1, 1), 64));
  EXPECT_FALSE(seats_.asksTooMuch(v6(1, 2), 64));
  EXPECT_FALSE(seats_.asksTooMuch(v6(1, 1), 140)) << "a network within its share may divide it as it likes";
}

}  // namespace
}  // namespace errand::serve

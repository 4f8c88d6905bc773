// The relevant state of three grants, one under the other, in a few bits. It is small enough to visit every
// state that they can reach. Time is counted in ticks from a start to its end, so that a state holds no
// absolute time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/time.hpp"

namespace errand::statespace {

inline constexpr int kGrants = 3;

// A tick is more than half of a token's lifetime of 600 s. Two ticks are longer than the 660 s after which
// the token has certainly expired.
inline constexpr Seconds kTick{400}, kTokenLife{600};
inline constexpr std::uint32_t kTicksToExpiry = 2;

// `under` is the parent of each grant (-1: none). `slot` is the grant whose delivery is Slot (-1: none).
// `ticks` is the length of each grant's window.
struct Setting {
  std::array<int, kGrants> under;
  int slot = -1;
  std::array<std::uint32_t, kGrants> ticks{2, 1, 1};
};

// Own: the account has the uid that the status names. Foreign: somebody else created the account, or its uid
// was never stored.
enum class Account : std::uint32_t { None, Own, Foreign };
enum class Stage : std::uint32_t { Waiting, Active, Over };

struct Member {
  std::uint32_t there : 1, finalizer : 1, deleting : 1, revoked : 1;
  std::uint32_t stage : 2;                                        // Stage, as status has it
  std::uint32_t accepted : 1, started : 1;                        // status.serviceAccount.uid, .startedAt
  std::uint32_t account : 2;                                      // Account
  std::uint32_t age : 2;                                          // ticks since the start
  std::uint32_t sameScope : 1, sameWorkload : 1, sameParent : 1;  // as the status has them on record
  std::uint32_t sameEnforcement : 1;                              // likewise, of the namespace
  std::uint32_t binding : 1, slot : 2, open : 1;                  // slot: 0 empty, else 1 + the token's age
  std::uint32_t held : 1, refused : 2;                            // the proof; refused: 1 now, 2 before now
  std::uint32_t requested : 1, confirmed : 1, toExpiry : 2;       // the revocation
  std::uint32_t spare : 4;
};
static_assert(sizeof(Member) == 4);

struct State {
  std::array<Member, kGrants> members{};
  std::uint16_t workload = 1;
  std::uint16_t danger = 0;  // the role's rules lead to other credentials, and nobody accepts that

  bool operator==(const State& other) const {
    return std::bit_cast<std::array<std::uint64_t, 2>>(*this) ==
           std::bit_cast<std::array<std::uint64_t, 2>>(other);
  }
};

struct Hash {
  size_t operator()(const State& s) const {
    const auto [a, b] = std::bit_cast<std::array<std::uint64_t, 2>>(s);
    std::uint64_t h = a * 0x9e3779b97f4a7c15U ^ (b + 0x7f4a7c15U) * 0xc2b2ae3d27d4eb4fU;
    return h ^ h >> 29;
  }
};

using States = std::unordered_set<State, Hash>;

enum class Act : std::uint8_t {
  Run,
  Crash,
  Refuse,  // as Run, but the end of pods is rejected
  Create,
  Revoke,
  Delete,
  Lose,
  Forge,
  Rules,
  Danger,
  Workload,
  Enforce,
  Tick
};

struct Step {
  Act act = Act::Tick;
  std::uint8_t grant = 0;
  std::uint8_t calls = 0;  // Crash: after so many
};

std::string describe(const std::vector<Step>& trace);

// Returns the steps that people, controllers and the clock can take next, without those of the operator.
std::vector<Step> happenings(const State& s);
State happen(const Setting& setting, State s, const Step& step);

// Returns the same state for all states that behave alike: fields that nothing reads any more are zero.
State canonical(const Setting& setting, State s);
// Does the same, and also puts interchangeable grants in a fixed order.
State representative(const Setting& setting, State s);

// True if nobody may give the grant anything any more.
bool over(const Setting& setting, const State& s, int grant);

}  // namespace errand::statespace

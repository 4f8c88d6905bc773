#include "tests/unit/operator/statespace/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace errand::statespace {
namespace {

constexpr const char* kActs[] = {"run",
                                 "crash in",
                                 "run and be refused the end of the pod of",
                                 "create",
                                 "revoke",
                                 "delete",
                                 "take the account of",
                                 "forge the account of",
                                 "rules change",
                                 "rules become dangerous",
                                 "workload goes or comes",
                                 "enforcement is interrupted",
                                 "400 s pass"};

std::uint32_t up(std::uint32_t value, std::uint32_t most) { return std::min(value + 1, most); }

void pass(const Setting& setting, State& s) {
  for (size_t i = 0; i < kGrants; ++i) {
    Member& m = s.members[i];
    if (m.started == 1) m.age = up(m.age, setting.ticks[i]) & 3;
    if (m.slot > 0) m.slot = up(m.slot, 3) & 3;
    if (m.refused > 0) m.refused = 2;
    if (m.toExpiry > 0) m.toExpiry = (m.toExpiry - 1U) & 3;
  }
}

}  // namespace

std::string describe(const std::vector<Step>& trace) {
  std::string out;
  for (const Step& s : trace) {
    out += fmt::format("{}{}", out.empty() ? "" : ", ", kActs[std::to_underlying(s.act)]);
    if (s.act < Act::Rules) out += fmt::format(" {}", static_cast<char>('a' + s.grant));
    if (s.act == Act::Crash) out += fmt::format(" after {} calls", s.calls);
  }
  return out;
}

std::vector<Step> happenings(const State& s) {
  std::vector<Step> out{{Act::Workload}, {Act::Tick}};
  for (std::uint8_t i = 0; i < kGrants; ++i) {
    const Member& m = s.members[i];
    if (m.there == 0) {
      out.push_back({Act::Create, i});
      continue;
    }
    if (m.revoked == 0 && m.stage != std::to_underlying(Stage::Over)) out.push_back({Act::Revoke, i});
    if (m.deleting == 0) out.push_back({Act::Delete, i});
    if (m.account == std::to_underlying(Account::None))
      out.push_back({Act::Forge, i});
    else
      out.push_back({Act::Lose, i});
  }
  if (std::ranges::any_of(s.members, [](const Member& m) { return m.sameEnforcement == 1; }))
    out.push_back({Act::Enforce});
  if (s.danger == 1 || std::ranges::any_of(s.members, [](const Member& m) { return m.sameScope == 1; }))
    out.push_back({Act::Rules});
  if (s.danger == 0) out.push_back({Act::Danger});
  return out;
}

State happen(const Setting& setting, State s, const Step& step) {
  Member& m = s.members[step.grant];
  switch (step.act) {
    case Act::Create:
      m = Member{};
      m.there = 1;
      break;
    case Act::Revoke:
      m.revoked = 1;
      break;
    case Act::Delete:
      if (m.finalizer == 1)
        m.deleting = 1;
      else
        m = Member{};
      break;
    case Act::Lose:
      m.account = std::to_underlying(Account::None);
      break;
    case Act::Forge:
      m.account = std::to_underlying(Account::Foreign);
      break;
    case Act::Enforce:
      for (Member& each : s.members) each.sameEnforcement = 0;
      break;
    case Act::Rules:
    case Act::Danger:
      for (Member& each : s.members) each.sameScope = 0;
      s.danger = step.act == Act::Danger ? 1 : 0;
      break;
    case Act::Workload:
      s.workload = s.workload == 1 ? 0 : 1;
      break;
    case Act::Tick:
      pass(setting, s);
      break;
    case Act::Run:
    case Act::Crash:
    case Act::Refuse:
      break;
  }
  return canonical(setting, s);
}

State canonical(const Setting& setting, State s) {
  for (size_t i = 0; i < kGrants; ++i) {
    Member& m = s.members[i];
    if (m.there == 0) m = Member{};
    if (s.workload == 0) m.open = 0;
    const int parent = setting.under[i];
    const bool ended = m.stage == std::to_underlying(Stage::Over);
    // Once the account of an ended grant is gone, its recorded fields decide nothing. The exception is a
    // grant whose pod has not been ended yet.
    if (ended && m.account != std::to_underlying(Account::Own) && m.open == 0) m.accepted = m.started = 0;
    if (ended ? m.binding == 0 : m.accepted == 0) m.sameParent = 0;
    if (parent < 0 || s.members[static_cast<size_t>(parent)].there == 0) m.sameParent = 0;
    if (ended || m.accepted == 0) m.sameEnforcement = 0;
    if (m.deleting == 1) m.revoked = 0;
    const bool orphan = parent >= 0 && m.accepted == 1 && m.sameParent == 0;
    const bool lapsed = m.accepted == 1 && m.sameEnforcement == 0;
    const bool told = ended || m.revoked == 1 || m.deleting == 1, doomed = told || orphan || lapsed;
    if (s.workload == 0) m.sameWorkload = 0;
    // The scope or the workload differs from the recorded one. The operator does the same in both cases.
    if (ended || m.started == 0 || m.sameScope == 0 || m.sameWorkload == 0) m.sameScope = m.sameWorkload = 0;
    // A grant that ends for another reason gets no second reason here. The second would hide that plan()
    // ignores the first.
    if (doomed && !ended && m.started == 1) m.sameScope = 1, m.sameWorkload = s.workload & 1U;
    if (told || m.started == 0) m.age = 0;
    if (m.started == 0) m.open = 0;
    if (ended) m.revoked = 0;
    if (ended && m.slot > 0) m.slot = 1;
    if (m.confirmed == 1) m.held = m.refused = m.toExpiry = 0;
  }
  return s;
}

State representative(const Setting& setting, State s) {
  if (setting.under[1] != setting.under[2] || setting.ticks[1] != setting.ticks[2]) return s;
  if (std::bit_cast<std::uint32_t>(s.members[1]) < std::bit_cast<std::uint32_t>(s.members[2]))
    std::swap(s.members[1], s.members[2]);
  return s;
}

bool over(const Setting& setting, const State& s, int grant) {
  for (int i = grant; i >= 0; i = setting.under[static_cast<size_t>(i)]) {
    const Member& m = s.members[static_cast<size_t>(i)];
    if (m.there == 0 || m.revoked == 1 || m.deleting == 1) return true;
    if (m.stage == std::to_underlying(Stage::Over)) return true;
    if (m.started == 1 && m.age >= setting.ticks[static_cast<size_t>(i)]) return true;
  }
  return false;
}

}  // namespace errand::statespace

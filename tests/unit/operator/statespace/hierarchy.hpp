// Three grants, one under the other, as plan() sees and changes them. Nothing is delayed here and
// nobody else writes, so that every state can be visited. tests/unit/operator/model covers the rest.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "operator/plan/plan.hpp"
#include "tests/unit/operator/statespace/state.hpp"

namespace errand::statespace {

class Hierarchy {
 public:
  explicit Hierarchy(const Setting& setting);
  // Builds one of the hierarchies that are in that state.
  Hierarchy(const Setting& setting, const State& state);
  State state() const;

  // Takes the step. Returns the guarantee that it broke, or an empty string.
  std::string take(const Step& step);
  // planned() returns the operator's plan for an existing grant. carry() carries it out and returns as take()
  // does. With `crashAfter`, the operator dies after that many calls.
  plan::Plan planned(int i) const;
  std::string carry(int i, const plan::Plan& p, std::optional<size_t> crashAfter, bool refused = false);

  // Does everything when it is due, and no sooner, until nothing is due. By then each end must be confirmed
  // and nothing may be left over. Returns as take() does.
  std::string settle();

 private:
  struct Kin {
    std::optional<api::TaskGrant> grant;
    std::optional<api::ServiceAccount> account;
    std::optional<api::RoleBinding> binding;
    std::optional<api::PartialObject> slot;
    bool open = false;  // the gate of its pod
    plan::Proof proof;
    int made = 0;
  };

  static size_t at(int i) { return static_cast<size_t>(i); }
  static std::string name(int i) { return std::string(1, static_cast<char>('a' + i)); }
  static std::string uid(int i, int made);

  void create(int i);
  void revive(int i, const Member& from);
  Member member(int i) const;
  api::TaskGrantStatus::Effective scopeOf(int rules) const;
  static Time enforcedSince(int enforcements) { return Time{Seconds{1'700'000'000 + enforcements}}; }
  void setSlot(int i, const api::ObjectMeta& meta, Time issued);

  plan::Observed observe(int i) const;
  void addBelow(int i, std::vector<plan::Descendant>& out) const;
  bool hasRights(int i) const { return kin_[at(i)].binding && kin_[at(i)].account; }
  bool hasOwnAccount(int i) const;

  std::string run(int i, std::optional<size_t> crashAfter);
  std::string carry(int i, const plan::Action& action, api::TaskGrantStatus& status);
  std::string revoke(int i, const plan::Delete& removal);
  std::string heldBy(int i) const;
  std::string letGo(int i);
  std::string store(int i, const api::TaskGrantStatus& status);
  std::string unproven(int i, const api::TaskGrantStatus& status) const;
  bool started(int i) const;
  bool isUnder(int i, int of) const;
  bool founded(int i, std::string_view because) const;

  Setting setting_;
  std::array<Kin, kGrants> kin_;
  std::shared_ptr<const api::AgentIdentity> identity_;
  plan::Settings settings_;
  Time now_;
  int rules_ = 0, workloadsMade_ = 0, enforcements_ = 0, accountsMade_ = 0;
  bool workload_ = true, danger_ = false;
};

}  // namespace errand::statespace

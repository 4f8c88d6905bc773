// Three grants, one under the other, as plan() sees and changes them: nothing is late here and
// nobody else writes (tests/unit/operator/model has that), so that every state can be visited.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "operator/plan/plan.hpp"

namespace errand::life {

inline constexpr int kGrants = 3;

// Which grant each is under; -1: none.
using Shape = std::array<int, kGrants>;

enum class Act { Create, Revoke, Delete, Run, Crash1, Crash2, Crash3, Rules, Workload, Wait };

struct Step {
  Act act;
  int grant = 0;
};

class Family {
 public:
  explicit Family(Shape shape);

  // What may happen next.
  std::vector<Step> steps() const;
  // Does it. Returns which promise was broken; empty where none was.
  std::string take(const Step& step);

  // Everything is done that is due, until nothing is: by then each end is confirmed and nothing is left.
  std::string settle();

  // Equal for states that go on alike.
  std::string key() const;

 private:
  struct Member {
    std::optional<api::TaskGrant> grant;
    std::optional<api::ServiceAccount> account;
    std::optional<api::RoleBinding> binding;
    plan::Proof proof;
    int made = 0;
  };

  static std::string name(int i) { return std::string(1, static_cast<char>('a' + i)); }
  plan::Observed observe(int i) const;
  void addBelow(int i, std::vector<plan::Descendant>& out) const;
  bool hasRights(int i) const { return members_[at(i)].binding && members_[at(i)].account; }
  bool over(int i) const;
  void create(int i);
  std::string run(int i, int crashAfter);
  std::string carry(int i, const plan::Action& action);
  std::string store(int i, const api::TaskGrantStatus& status);
  std::string withdraw(int i, const plan::Delete& removal);
  static size_t at(int i) { return static_cast<size_t>(i); }

  Shape shape_;
  std::array<Member, kGrants> members_;
  std::shared_ptr<const api::AgentIdentity> identity_;
  plan::Settings settings_;
  Time now_;
  int waited_ = 0, rules_ = 0;
  bool workload_ = true;
  std::optional<Millis> due_;
};

std::string describe(const std::vector<Step>& trace);

}  // namespace errand::life

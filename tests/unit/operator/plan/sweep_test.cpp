// The objects that the sweep deletes as leftovers, and those that it leaves alone.
#include "operator/plan/sweep.hpp"

#include <gtest/gtest.h>

#include "core/api/taskgrant.hpp"

namespace errand::plan {
namespace {

const std::string kDead = "11111111-1111-1111-1111-111111111111";
const std::string kLive = "22222222-2222-2222-2222-222222222222";

template <class T>
std::shared_ptr<const T> made(std::string name, const std::string& uid, bool labels = true) {
  auto out = std::make_shared<T>();
  out->meta.name = std::move(name);
  out->meta.ns = "agents";
  out->meta.uid = out->meta.name + "-uid";
  if (labels)
    out->meta.labels = {{std::string(api::kGrantLabel), "g"}, {std::string(api::kGrantUidLabel), uid}};
  return out;
}

std::shared_ptr<const api::RoleBinding> binding(const std::string& uid, bool labels, std::string subject) {
  auto out = std::make_shared<api::RoleBinding>(
      *made<api::RoleBinding>(api::grantAccountName(uid) + ".abcdef0123", uid, labels));
  out->subjects = {{"ServiceAccount", std::move(subject), "agents"}};
  return out;
}

TEST(Sweep, TakesWhatADeadGrantHasLeftInTheOrderOfWithdrawal) {
  SweepInput in;
  in.accounts = {made<api::ServiceAccount>(api::grantAccountName(kDead), kDead)};
  in.secrets = {made<api::PartialObject>("errand-slot", kDead)};
  in.bindings = {binding(kDead, true, api::grantAccountName(kDead))};
  const auto out = leftovers(in);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].resource.kind, "RoleBinding");
  EXPECT_EQ(out[1].resource.kind, "Secret");
  EXPECT_EQ(out[2].resource.kind, "ServiceAccount");
  EXPECT_EQ(out[0].grant, "g");
}

TEST(Sweep, LeavesALiveGrantsObjects) {
  SweepInput in;
  in.liveUids = in.runningUids = {kLive};
  in.accounts = {made<api::ServiceAccount>(api::grantAccountName(kLive), kLive)};
  in.secrets = {made<api::PartialObject>("errand-slot", kLive)};
  in.bindings = {binding(kLive, true, api::grantAccountName(kLive))};
  EXPECT_TRUE(leftovers(in).empty());
}

// Somebody else created the binding before the grant starts, or recreated it after its end.
TEST(Sweep, TakesTheRightsOfAGrantThatHasNotStartedOrHasEnded) {
  SweepInput in;
  in.liveUids = {kLive};
  in.accounts = {made<api::ServiceAccount>(api::grantAccountName(kLive), kLive)};
  in.bindings = {binding(kLive, false, api::grantAccountName(kLive))};
  ASSERT_EQ(leftovers(in).size(), 1u);
  EXPECT_EQ(leftovers(in)[0].resource.kind, "RoleBinding");
}

TEST(Sweep, TakesABindingWhoseLabelsAreGoneOnlyWhereItServesNobodyElse) {
  SweepInput in;
  in.bindings = {binding(kDead, false, api::grantAccountName(kDead)), binding(kDead, false, "somebody")};
  const auto out = leftovers(in);
  ASSERT_EQ(out.size(), 1u);
}

TEST(Sweep, TakesABindingOfAnyNameThatServesAGrantThatIsNotRunning) {
  const auto named = [](const std::string& uid, std::string ns) {
    auto out = std::make_shared<api::RoleBinding>(*made<api::RoleBinding>("persist", uid, false));
    out->subjects = {{"ServiceAccount", api::grantAccountName(uid), std::move(ns)}};
    return out;
  };
  SweepInput in;
  in.liveUids = in.runningUids = {kLive};
  in.bindings = {named(kDead, "agents"), named(kLive, "agents"), named(kDead, "elsewhere")};
  const auto out = leftovers(in);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].name, "persist");
}

TEST(Sweep, TakesAnAccountWhoseLabelsAreGoneByTheNameThatOnlyAGrantGives) {
  SweepInput in;
  in.liveUids = {kLive};
  in.accounts = {made<api::ServiceAccount>(api::grantAccountName(kDead), kDead, false),
                 made<api::ServiceAccount>(api::grantAccountName(kLive), kLive, false)};
  const auto out = leftovers(in);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].name, api::grantAccountName(kDead));
}

TEST(Sweep, TakesASlotWhoseLabelsAreGoneByWhatItSaysItHolds) {
  const auto slot = [](const std::string& owner) {
    auto out = std::make_shared<api::PartialObject>(*made<api::PartialObject>("errand-slot", kDead, false));
    out->meta.annotations.emplace(api::kCredentialsAnnotation, "[]");
    if (!owner.empty()) out->meta.owners = {{"errand.dev/v1alpha1", "TaskGrant", "g", owner, true}};
    return out;
  };
  SweepInput in;
  in.liveUids = {kLive};
  in.secrets = {slot(""), slot(kDead)};
  EXPECT_EQ(leftovers(in).size(), 2u);
  in.secrets = {slot(kLive)};
  EXPECT_TRUE(leftovers(in).empty()) << "its grant goes on";
}

TEST(Sweep, TakesTheBaseAccountOfAnIdentityThatWasDeletedAsAnOrphan) {
  const auto base = [](const char* identity, bool owned) {
    auto out = std::make_shared<api::ServiceAccount>();
    out->meta.name = api::baseAccountName(identity, "fixer");
    out->meta.labels = {{std::string(api::kIdentityLabel), identity},
                        {std::string(api::kToolClassLabel), "fixer"}};
    if (owned) out->meta.owners = {{std::string(api::kGroupVersion), "AgentIdentity", identity, "u", true}};
    return out;
  };
  SweepInput in;
  in.identities = {"here"};
  in.accounts = {base("gone", false), base("here", false), base("collected", true)};
  const auto out = leftovers(in);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].name, "errand-a.gone.fixer");
}

TEST(Sweep, LeavesWhatOnlyLooksLikeOurs) {
  SweepInput in;
  for (const char* name : {"errand-g.web", "errand-g.0123456789abcdef012", "errand-g.0123456789abcdef01234",
                           "errand-g.0123456789ABCDEF0123", "errand-a.bot.fixer"})
    in.accounts.push_back(made<api::ServiceAccount>(name, kDead, false));
  in.accounts.push_back(made<api::ServiceAccount>("their-account", kDead));
  in.secrets = {made<api::PartialObject>("their-secret", kDead),
                made<api::PartialObject>("errand-slot", kDead, false)};
  EXPECT_TRUE(leftovers(in).empty());
}

}  // namespace
}  // namespace errand::plan

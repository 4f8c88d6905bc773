// The objects that an uninstallation must not leave behind, and their table.
#include "cli/uninstall/inventory.hpp"

#include <gmock/gmock.h>

namespace errand::cli {
namespace {

using api::Phase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Time kNow = *parseTime("2026-11-24T12:00:00Z");
const std::string kUid = "01234567-89ab-cdef-0123-456789abcdef";
const std::string kAccount = api::grantAccountName(kUid);

api::TaskGrant grant(std::optional<Phase> phase, bool finalizer = true) {
  api::TaskGrant out;
  out.meta.name = "fix";
  out.meta.ns = "agents";
  out.meta.uid = kUid;
  if (finalizer) out.meta.finalizers = {std::string(api::kFinalizer)};
  out.status.phase = phase;
  return out;
}

api::PartialObject object(std::string name, api::StringMap labels = {}) {
  api::PartialObject out;
  out.meta.name = std::move(name);
  out.meta.ns = "agents";
  out.meta.labels = std::move(labels);
  return out;
}

api::RoleBinding binding(std::string name, std::string role, std::string subject) {
  api::RoleBinding out;
  out.meta.name = std::move(name);
  out.meta.ns = "agents";
  out.role = {"Role", std::move(role)};
  out.subjects = {{"ServiceAccount", std::move(subject), "agents"}};
  return out;
}

ClusterObjects nothing() {
  ClusterObjects out;
  out.grants.emplace();
  out.bindings.emplace();
  out.secrets.emplace();
  out.accounts.emplace();
  out.namespaces.emplace();
  return out;
}

std::vector<std::string> names(const std::vector<Held>& held) {
  std::vector<std::string> out;
  for (const Held& one : held) out.push_back(one.name);
  return out;
}

TEST(Inventory, HasNothingOfACleanCluster) {
  EXPECT_THAT(heldBy(nothing(), "errand-system"), IsEmpty());
  EXPECT_EQ(asTable({}), "");
}

TEST(Inventory, ListsRightsBeforeCredentialsAndAccounts) {
  ClusterObjects o = nothing();
  o.grants = {{grant(Phase::Active)}};
  o.accounts = {{object(kAccount, {{std::string(api::kGrantLabel), "fix"}}), object("errand-a.bot.fixer"),
                 object("default")}};
  o.secrets = {{object("errand-bot-fixer", {{std::string(api::kGrantUidLabel), kUid}}), object("errand-own"),
                object("ticketing")}};
  o.bindings = {{binding("errand-operator", "errand-operator-namespace", "errand-operator"),
                 binding(kAccount + ".0123456789", "reader", kAccount), binding("mine", "reader", "me"),
                 binding("disguised", "reader", kAccount)}};
  api::PartialObject ns = object("agents", {{std::string(api::kEnforceLabel), "true"}});
  ns.meta.ns.clear();
  o.namespaces = {{ns}};
  const auto held = heldBy(o, "errand-system");
  EXPECT_THAT(names(held), ElementsAre(kAccount + ".0123456789", "disguised", "errand-bot-fixer", kAccount,
                                       "fix", "agents", "errand-a.bot.fixer", "errand-operator"));
  const std::string table = asTable(held);
  EXPECT_THAT(table, HasSubstr("NAMESPACE   OBJECT "));
  EXPECT_THAT(table, HasSubstr("taskgrant/fix "));
  EXPECT_THAT(table, HasSubstr("Active, not ended, finalizer errand.dev/revoke\n"));
  EXPECT_THAT(table, HasSubstr("account of grant fix\n"));
}

TEST(Inventory, LeavesTheInstallationsOwnBindingsToItsManifests) {
  ClusterObjects o = nothing();
  auto own = binding("errand-operator-bind", "errand-operator-bind", "errand-operator");
  own.meta.ns = "errand-system";
  o.bindings = {{own}};
  EXPECT_THAT(heldBy(o, "errand-system"), IsEmpty());
  EXPECT_THAT(names(heldBy(o, "elsewhere")), ElementsAre("errand-operator-bind"));
}

TEST(Inventory, KnowsAnEnforcedNamespaceByTheAnnotationAlone) {
  ClusterObjects o = nothing();
  api::PartialObject ns = object("agents");
  ns.meta.annotations[std::string(api::kEnforcedSinceAnnotation)] = "2026-11-24T12:00:00Z";
  o.namespaces = {{ns, object("other")}};
  EXPECT_THAT(names(heldBy(o, "errand-system")), ElementsAre("agents"));
}

TEST(Inventory, ReservesNoNameInKubeSystem) {
  ClusterObjects o = nothing();
  o.accounts = {{object("errand-a.x")}};
  o.accounts->front().meta.ns = "kube-system";
  EXPECT_THAT(heldBy(o, "errand-system"), IsEmpty());
}

TEST(Inventory, AGrantIsReleasedWithoutFinalizerAndAccountOnceItHasEndedOrIsRevoked) {
  const std::vector<api::PartialObject> account = {object(kAccount)};
  EXPECT_TRUE(isReleased(grant(Phase::Completed, false), {}));
  EXPECT_FALSE(isReleased(grant(Phase::Completed, false), account));
  EXPECT_FALSE(isReleased(grant(Phase::Completed), {})) << "its end is not confirmed, or its pods run";
  EXPECT_FALSE(isReleased(grant({}, false), {})) << "it may start";
  auto revoked = grant(Phase::Active, false);
  revoked.spec.revokeReason = "uninstall";
  EXPECT_TRUE(isReleased(revoked, {})) << "no operator starts it again";
  EXPECT_FALSE(isReleased(revoked, account));
}

TEST(Inventory, AnAccountOfAnotherNamespaceHoldsNoGrant) {
  auto other = object(kAccount);
  other.meta.ns = "other";
  EXPECT_TRUE(isReleased(grant(Phase::Completed, false), {other}));
}

TEST(Inventory, ADrainRevokesOnlyWhatIsNotEnding) {
  auto revoked = grant(Phase::Active);
  revoked.spec.revokeReason = "uninstall";
  const std::vector<api::TaskGrant> all = {grant(Phase::Active), grant({}), revoked, grant(Phase::Expired),
                                           grant(Phase::Denied, false)};
  const Undrained grants = undrained(all);
  EXPECT_EQ(grants.unrevoked.size(), 2u);
  EXPECT_EQ(grants.ending, 2u);
}

TEST(Inventory, SaysWhyAnEndedGrantStillHolds) {
  const auto state = [](const api::TaskGrant& g) {
    ClusterObjects o = nothing();
    o.grants = {{g}};
    return heldBy(o, "errand-system").at(0).state;
  };
  auto g = grant(Phase::Revoked);
  g.status.startedAt = kNow;
  EXPECT_THAT(state(g), HasSubstr("Revoked, end not confirmed"));
  g.status.revocation.confirmedAt = kNow;
  g.status.revocation.podsRunning = {"fix-1"};
  g.meta.deletionTimestamp = kNow;
  EXPECT_EQ(state(g), "Revoked, still running: fix-1, finalizer errand.dev/revoke, being deleted");
  EXPECT_THAT(state(grant({})), HasSubstr("Pending, not ended"));
}

}  // namespace
}  // namespace errand::cli

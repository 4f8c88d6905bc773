// The input that the observer gathers for a plan, beyond a plain copy from the stores.
#include <gtest/gtest.h>

#include <set>

#include "operator/control/event_handlers.hpp"
#include "operator/plan/names.hpp"
#include "operator/state/observer.hpp"
#include "tests/unit/operator/anybody.hpp"
#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::state {
namespace {

struct ObserverTest : testing::Test {
  apply::FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  Stores stores;
  RevocationProofs proofs;
  control::Queues queues;
  Observer observer{stores, proofs, plan::nothingRefused(), systemClock()};

  ObserverTest() { control::connect(stores, queues); }

  void enforce(const char* value) {
    api::PartialObject ns;
    ns.meta.name = "agents";
    ns.meta.uid = "ns";
    if (value != nullptr) ns.meta.labels.emplace(api::kEnforceLabel, value);
    stores.namespaces.replace("", {std::make_shared<const api::PartialObject>(ns)}, "1");
  }

  void sync() {
    stores.accounts.replace("agents", {}, "1");
    stores.bindings.replace("agents", {}, "1");
    stores.secrets.replace("agents", {}, "1");
    stores.pods.replace("agents", {}, "1");
    stores.jobs.replace("agents", {}, "1");
    stores.deployments.replace("agents", {}, "1");
    stores.statefulSets.replace("agents", {}, "1");
    stores.roles.replace("agents", {}, "1");
  }

  std::shared_ptr<api::TaskGrant> grant(const char* name, int createdAt) {
    auto g = std::make_shared<api::TaskGrant>();
    g->meta.name = name;
    g->meta.ns = "agents";
    g->meta.uid = std::string(name) + "-uid";
    g->meta.creationTimestamp = Time{Seconds{createdAt}};
    g->meta.finalizers = {std::string(api::kFinalizer)};
    g->spec.agentIdentity = "bot";
    g->spec.toolClass = "fixer";
    return g;
  }
};

TEST_F(ObserverTest, NothingIsKnownOfANamespaceBeforeItsListsAreComplete) {
  enforce("true");
  EXPECT_FALSE(observer.observe(grant("a", 1)).ns.synced);
  sync();
  EXPECT_TRUE(observer.observe(grant("a", 1)).ns.synced);
}

TEST_F(ObserverTest, ThatHoldsForAGrantOfANamespaceThatHasLeftEnforcement) {
  enforce("audit");
  EXPECT_FALSE(observer.observe(grant("a", 1)).ns.synced) << "its account is not lost, it is not known yet";
  auto fresh = grant("b", 2);
  fresh->meta.finalizers.clear();
  EXPECT_TRUE(observer.observe(fresh).ns.synced) << "a grant that owns nothing can be told at once";
}

TEST_F(ObserverTest, ARoleIsKnownNotToExistOnceRolesAreListed) {
  enforce("true");
  sync();
  auto g = grant("a", 1);
  g->spec.access.roles = {"reader"};
  g->spec.access.clusterRoles = {"view"};
  const auto o = observer.observe(g);
  ASSERT_EQ(o.roles.size(), 2u);
  EXPECT_TRUE(o.roles[0].known);
  EXPECT_FALSE(o.roles[0].exists);
  EXPECT_EQ(o.roles[0].path, "spec.access.roles[0]");
  EXPECT_FALSE(o.roles[1].known) << "ClusterRoles are not listed yet";
}

TEST_F(ObserverTest, WhatSlotsLeaveOpenIsKnownOnceRolesAreListed) {
  auto identity = std::make_shared<api::AgentIdentity>();
  identity->meta.name = "bot";
  identity->meta.ns = "agents";
  identity->toolClasses.resize(1);
  identity->toolClasses[0].access.roles = {{"reader"}};
  enforce("true");
  EXPECT_TRUE(observer.observe(identity).streamsKnown) << "it has no slot";
  identity->toolClasses[0].slotSecretName = "errand-slot";
  EXPECT_FALSE(observer.observe(identity).streamsKnown);
  sync();
  EXPECT_TRUE(observer.observe(identity).streamsKnown);
  identity->toolClasses[0].access.clusterRoles = {{"view"}};
  EXPECT_FALSE(observer.observe(identity).streamsKnown);
  stores.clusterRoles.replace("", {}, "1");
  EXPECT_TRUE(observer.observe(identity).streamsKnown);
}

TEST_F(ObserverTest, ARoleIsKnownByWhatItsRulesAllow) {
  enforce("true");
  sync();
  auto g = grant("a", 1);
  g->spec.access.roles = {"reader"};
  api::Role role;
  role.meta.name = "reader";
  role.meta.ns = "agents";
  role.meta.uid = "r";
  role.rules = {{{""}, {"configmaps"}, {"get"}}, {{""}, {"secrets"}, {"deletecollection"}}};
  stores.roles.apply("agents", std::make_shared<const api::Role>(role));
  const auto o = observer.observe(g);
  ASSERT_EQ(o.roles.size(), 1u);
  ASSERT_EQ(o.roles[0].dangers.size(), 1u);
  EXPECT_EQ(o.roles[0].dangers[0].rule, 1u);
  EXPECT_EQ(o.roles[0].dangers[0].verb, "deletecollection");
}

TEST_F(ObserverTest, AChangedRoleWakesTheGrantsThatNameIt) {
  auto g = grant("a", 1);
  g->spec.access.roles = {"reader"};
  stores.grants.replace("", {g}, "1");
  while (const auto key = queues.grants.tryGet()) queues.grants.done(*key);
  api::Role role;
  role.meta.name = "reader";
  role.meta.ns = "agents";
  role.meta.uid = "r";
  role.meta.resourceVersion = "2";
  role.rulesDigest = "sha256:1";
  stores.roles.apply("agents", std::make_shared<const api::Role>(role));
  const auto woken = queues.grants.tryGet();
  ASSERT_TRUE(woken.has_value());
  EXPECT_EQ(woken->name, "a");
}

// A under nothing, B under A, C under B: accepted so.
TEST_F(ObserverTest, AGrantKnowsThoseAboveAndBelowIt) {
  enforce("true");
  sync();
  auto a = grant("a", 1), b = grant("b", 2), c = grant("c", 3);
  b->spec.parent = {"a", api::ParentRelation::Delegation};
  c->spec.parent = {"b", api::ParentRelation::Delegation};
  for (auto& g : {a, b, c}) g->spec.access.roles = {"reader"};
  b->status.parentUid = a->meta.uid;
  c->status.parentUid = b->meta.uid;
  stores.grants.replace("", {a, b, c}, "1");
  for (const auto& g : {b, c}) {
    api::RoleBinding binding;
    binding.meta.name = plan::bindingName(g->meta.uid, {"Role", "reader"});
    binding.meta.ns = "agents";
    binding.meta.uid = binding.meta.name;
    stores.bindings.apply("agents", std::make_shared<const api::RoleBinding>(binding));
  }
  const auto below = observer.observe(a).descendants;
  ASSERT_EQ(below.size(), 2u);
  EXPECT_EQ(below[0].grant->meta.name, "c") << "the deepest first";
  EXPECT_EQ(below[1].grant->meta.name, "b");
  const auto above = observer.observe(c).ancestors;
  ASSERT_EQ(above.size(), 2u);
  EXPECT_EQ(above[0].grant->meta.name, "b");
  EXPECT_TRUE(observer.observe(c).descendants.empty());
}

TEST_F(ObserverTest, WhoWaitsInLineAndCameEarlierIsAhead) {
  enforce("true");
  sync();
  auto earlier = grant("early", 1), later = grant("late", 3), mine = grant("mine", 2);
  for (auto& g : {earlier, later})
    api::setCondition(g->status.conditions,
                      {"Ready", "WaitingForTurn", "", api::ConditionStatus::False, 1, {}}, Time{});
  stores.grants.replace("", {earlier, later, mine}, "1");
  EXPECT_EQ(observer.observe(mine).siblings.waitingEarlier, 1);
  EXPECT_EQ(observer.observe(later).siblings.waitingEarlier, 1) << "mine does not stand in line";
  EXPECT_EQ(observer.observe(earlier).siblings.waitingEarlier, 0);
}

// A Secret that only carries the grant's label may be anybody's.
TEST_F(ObserverTest, TheSlotIsTheOneThatTheStatusNames) {
  enforce("true");
  sync();
  auto g = grant("a", 1);
  g->spec.delivery = api::DeliveryMode::Slot;
  api::AgentIdentity identity;
  identity.meta.name = "bot";
  identity.meta.ns = "agents";
  identity.meta.uid = "i";
  identity.toolClasses.resize(1);
  identity.toolClasses[0].name = "fixer";
  identity.toolClasses[0].slotSecretName = "errand-new";
  stores.identities.replace("", {std::make_shared<const api::AgentIdentity>(identity)}, "1");
  const auto secret = [](const char* name) {
    api::PartialObject out;
    out.meta.name = name;
    out.meta.ns = "agents";
    out.meta.uid = name;
    out.meta.labels = {{std::string(api::kGrantUidLabel), "a-uid"}};
    return std::make_shared<const api::PartialObject>(out);
  };
  stores.secrets.replace("agents", {secret("errand-new"), secret("errand-old"), secret("errand-stray")}, "2");
  EXPECT_EQ(observer.observe(g).slotSecret->meta.name, "errand-new");
  g->status.secretName = "errand-old";
  EXPECT_EQ(observer.observe(g).slotSecret->meta.name, "errand-old");
  stores.secrets.replace("agents", {secret("errand-stray")}, "3");
  EXPECT_FALSE(observer.observe(g).slotSecret);
}

// A standing binding gives an agent's account a right without a grant. The observer finds it for each way to
// name the account.
TEST_F(ObserverTest, StandingBindingsOfItsAccountsAreSeen) {
  enforce("true");
  sync();
  const auto g = grant("a", 1);
  const auto bind = [&](const char* name, const char* ns, api::Subject subject, api::RoleRef role) {
    api::RoleBinding b;
    b.meta.name = name;
    b.meta.ns = ns;
    b.meta.uid = name;
    b.role = std::move(role);
    b.subjects = {{"User", "alice", ""}, std::move(subject)};
    return std::make_shared<const api::RoleBinding>(b);
  };
  const api::RoleRef edit{"ClusterRole", "edit"}, discovery{"ClusterRole", "system:discovery"};
  const std::string account = api::grantAccountName("a-uid");
  stores.bindings.replace(
      "agents",
      {bind("account", "agents", {"ServiceAccount", account, "agents"}, edit),
       bind("base", "agents", {"ServiceAccount", "errand-a.bot.fixer", "agents"}, edit),
       bind("user", "agents", {"User", "system:serviceaccount:agents:" + account, ""}, edit),
       bind("namespace", "agents", {"Group", "system:serviceaccounts:agents", ""}, edit),
       bind("other-account", "agents", {"ServiceAccount", "web", "agents"}, edit),
       bind("other-class", "agents", {"ServiceAccount", "errand-a.bot.planner", "agents"}, edit),
       bind("other-namespace", "agents", {"Group", "system:serviceaccounts:web", ""}, edit)},
      "2");
  stores.clusterBindings.replace("",
                                 {bind("everybody", "", {"Group", "system:authenticated", ""}, edit),
                                  bind("all-accounts", "", {"Group", "system:serviceaccounts", ""}, edit),
                                  bind("discovery", "", {"Group", "system:authenticated", ""}, discovery),
                                  bind("people", "", {"Group", "oidc:people", ""}, edit)},
                                 "2");
  std::set<std::string> seen;
  for (const auto& b : observer.observe(g).standing) seen.insert(b.kind + "/" + b.name);
  EXPECT_EQ(seen, (std::set<std::string>{"RoleBinding/account", "RoleBinding/base", "RoleBinding/user",
                                         "RoleBinding/namespace", "ClusterRoleBinding/everybody",
                                         "ClusterRoleBinding/all-accounts"}));
}

TEST_F(ObserverTest, TheControllersAboveAPodAreKnownByTheirUid) {
  enforce("true");
  sync();
  const auto owned = [](auto object, const char* name, const char* kind, const char* by) {
    object.meta.name = object.meta.uid = name;
    object.meta.ns = "agents";
    object.meta.creationTimestamp = Time{Seconds{100}};
    if (by != nullptr) object.meta.owners = {{"apps/v1", kind, by, by, true}};
    return std::make_shared<const std::decay_t<decltype(object)>>(object);
  };
  stores.deployments.replace("agents", {owned(api::Workload(), "d", "", nullptr)}, "2");
  stores.replicaSets.replace("agents", {owned(api::PartialObject(), "r", "Deployment", "d")}, "2");
  stores.cronJobs.replace("agents", {}, "2");
  api::Pod pod = *owned(api::Pod(), "p", "ReplicaSet", "r");
  pod.slots = {"errand-slot"};
  pod.meta.resourceVersion = "2";
  stores.pods.replace("agents", {std::make_shared<const api::Pod>(pod)}, "2");
  api::AgentIdentity identity;
  identity.meta.name = "bot";
  identity.meta.ns = "agents";
  identity.toolClasses.resize(1);
  identity.toolClasses[0].name = "fixer";
  identity.toolClasses[0].slotSecretName = "errand-slot";
  stores.identities.replace("", {std::make_shared<const api::AgentIdentity>(identity)}, "1");
  auto g = grant("a", 1);
  g->spec.delivery = api::DeliveryMode::Slot;
  const auto owners = [&] { return observer.observe(g).slotMounts.at(0).owners; };
  ASSERT_EQ(owners().size(), 2U);
  EXPECT_EQ(owners()[1].kind, "Deployment");
  EXPECT_EQ(owners()[1].created, Time{Seconds{100}});
  EXPECT_TRUE(observer.observe(g).ownersKnown);
  pod.meta.owners[0].uid = "of-an-earlier-one";
  pod.meta.resourceVersion = "3";
  stores.pods.replace("agents", {std::make_shared<const api::Pod>(pod)}, "3");
  ASSERT_EQ(owners().size(), 1U);
  EXPECT_FALSE(owners()[0].created) << "nobody knows how old that one was";
  pod.meta.owners[0] = {"example.com/v1", "Sandbox", "s", "s", true};
  pod.meta.resourceVersion = "4";
  stores.pods.replace("agents", {std::make_shared<const api::Pod>(pod)}, "4");
  EXPECT_TRUE(owners().empty()) << "its controller needed the verb run";
}

TEST_F(ObserverTest, ItIsSeenWhoElseClaimsTheSlot) {
  auto named = [](const char* name, const char* ns, const char* slot) {
    auto identity = std::make_shared<api::AgentIdentity>();
    identity->meta.name = name;
    identity->meta.ns = ns;
    identity->toolClasses.resize(1);
    identity->toolClasses[0].name = "fixer";
    identity->toolClasses[0].slotSecretName = slot;
    return std::shared_ptr<const api::AgentIdentity>(identity);
  };
  auto g = grant("a", 1);
  g->spec.delivery = api::DeliveryMode::Slot;
  stores.identities.replace(
      "", {named("bot", "agents", "slot"), named("own", "agents", "other"), named("far", "others", "slot")},
      "1");
  EXPECT_TRUE(observer.observe(g).slotClaims.empty());
  stores.identities.replace("",
                            {named("aaa", "agents", "slot"), named("bot", "agents", "slot"),
                             named("zzz", "agents", "slot"), named("none", "agents", "")},
                            "2");
  const auto claims = observer.observe(g).slotClaims;
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(std::set({claims[0].agent, claims[1].agent}), std::set<std::string>({"aaa", "zzz"}));
  EXPECT_EQ(claims[0].toolClass, "fixer");
  g->spec.delivery = api::DeliveryMode::Projected;
  EXPECT_TRUE(observer.observe(g).slotClaims.empty());
}

TEST_F(ObserverTest, ItIsSeenWhichPodsWouldBeGivenTheSlot) {
  auto identity = std::make_shared<api::AgentIdentity>();
  identity->meta.name = "bot";
  identity->meta.ns = "agents";
  identity->toolClasses.resize(1);
  identity->toolClasses[0].name = "fixer";
  identity->toolClasses[0].slotSecretName = "errand-slot";
  stores.identities.replace("", {identity}, "1");
  kube::Store<api::Pod>::Snapshot pods;
  const auto add = [&](const char* name, const char* account, const char* phase, const char* slot) {
    api::Pod pod;
    pod.meta.name = name;
    pod.meta.ns = "agents";
    pod.serviceAccountName = account;
    pod.phase = phase;
    pod.slots = {"errand-x", slot};
    pods.add(pod);
  };
  add("own", "errand-a.bot.fixer", "Running", "errand-slot");
  add("ended", "default", "Succeeded", "errand-slot");
  add("failed", "default", "Failed", "errand-slot");
  add("other", "default", "Running", "errand-y");
  add("foreign", "errand-a.aaa.fixer", "Pending", "errand-slot");
  stores.pods.replace("agents", std::move(pods), "1");
  auto g = grant("a", 1);
  g->spec.delivery = api::DeliveryMode::Slot;
  const auto holders = observer.observe(g).slotMounts;
  ASSERT_EQ(holders.size(), 2U) << "its own are looked at for their age";
  EXPECT_EQ(holders[0].pod, "foreign");
  EXPECT_EQ(holders[0].account, "errand-a.aaa.fixer");
  EXPECT_EQ(holders[1].pod, "own");
}

TEST_F(ObserverTest, ChangesWakeTheGrantThatTheyAreAbout) {
  auto g = grant("a", 1);
  g->spec.workload = {api::WorkloadKind::Job, "fix"};
  stores.grants.replace("", {g}, "1");
  while (const auto key = queues.grants.tryGet()) queues.grants.done(*key);
  api::Job job;
  job.meta.name = "fix";
  job.meta.ns = "agents";
  job.meta.uid = "j";
  job.meta.resourceVersion = "2";
  stores.jobs.apply("agents", std::make_shared<const api::Job>(job));
  const auto woken = queues.grants.tryGet();
  ASSERT_TRUE(woken.has_value());
  EXPECT_EQ(woken->name, "a");
  queues.grants.done(*woken);
  api::ServiceAccount stripped;  // its labels were taken off
  stripped.meta.name = api::grantAccountName("a-uid");
  stripped.meta.ns = "agents";
  stripped.meta.uid = "s";
  stripped.meta.resourceVersion = "3";
  stores.accounts.apply("agents", std::make_shared<const api::ServiceAccount>(stripped));
  EXPECT_TRUE(queues.grants.tryGet().has_value());
}

}  // namespace
}  // namespace errand::state

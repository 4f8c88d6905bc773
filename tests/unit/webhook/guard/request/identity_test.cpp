#include "webhook/guard/request/identity.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/world.hpp"

namespace errand::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct IdentityGuard : testing::Test {
  Authorizer authorizer;

  static json wide() {
    json out = identity();
    json& access = out["spec"]["toolClasses"][0]["access"];
    access["roles"] = {{{"name", "reader"}}, {{"name", "writer"}}};
    access["clusterRoles"] = {{{"name", "view"}}};
    access["secrets"] = {{{"name", "ticketing"}}};
    return out;
  }
  Reply write(const json& object, const json& old = nullptr) const {
    json body = json::parse(admission(object, "carol", old.is_null() ? "CREATE" : "UPDATE", "", old));
    body["request"]["resource"] = {
        {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "agentidentities"}};
    return ask(Path::Validate, body.dump(), World().views(), kNow, authorizer.views());
  }
};

TEST_F(IdentityGuard, TheAuthorMustBindEachRoleAndReadEachSecret) {
  EXPECT_TRUE(write(wide()).allowed());
  EXPECT_THAT(authorizer.asked(),
              UnorderedElementsAre("carol bind roles/reader", "carol bind roles/writer",
                                   "carol bind clusterroles/view", "carol get secrets/ticketing"));
  authorizer.answer("bind writer", false);
  authorizer.answer("get ticketing", false);
  const std::string message = write(wide()).message();
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[0].access.roles[1]: user \"carol\" may not bind "
                                 "roles.rbac.authorization.k8s.io \"writer\" in namespace \"agents\""));
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[0].access.secrets[0]: user \"carol\" may not get secrets "
                                 "\"ticketing\" in namespace \"agents\""));
  EXPECT_THAT(message, Not(HasSubstr("reader")));
}

TEST_F(IdentityGuard, SixteenRefusalsAreShownAndTheRestCounted) {
  const auto refusedFor = [&](int secrets) {
    json out = identity();
    for (int i = 0; i < secrets; ++i) {
      const std::string name = "s" + std::to_string(i);
      authorizer.answer("get " + name, false);
      out["spec"]["toolClasses"][0]["access"]["secrets"].push_back({{"name", name}});
    }
    return write(out).message();
  };
  EXPECT_THAT(refusedFor(16), testing::AllOf(HasSubstr("access.secrets[15]"), Not(HasSubstr("more"))));
  EXPECT_THAT(refusedFor(17),
              testing::AllOf(Not(HasSubstr("access.secrets[16]")), HasSubstr("\nand 1 more")));
}

TEST_F(IdentityGuard, OnlyWhatIsNewIsAskedFor) {
  EXPECT_TRUE(write(wide(), identity()).allowed());
  EXPECT_THAT(authorizer.asked(),
              UnorderedElementsAre("carol bind roles/writer", "carol bind clusterroles/view",
                                   "carol get secrets/ticketing"));
}

TEST_F(IdentityGuard, TakingAwayAsksForNothing) {
  EXPECT_TRUE(write(identity(), wide()).allowed());
  json suspended = wide();
  suspended["spec"]["state"] = "Suspended";
  EXPECT_TRUE(write(suspended, wide()).allowed());
  EXPECT_THAT(authorizer.asked(), IsEmpty());
}

TEST_F(IdentityGuard, AnotherToolClassIsAnotherHolder) {
  json two = identity();
  two["spec"]["toolClasses"].push_back(two["spec"]["toolClasses"][0]);
  two["spec"]["toolClasses"][1]["name"] = "other";
  EXPECT_TRUE(write(two, identity()).allowed());
  EXPECT_THAT(authorizer.asked(), ElementsAre("carol bind roles/reader"));
}

TEST_F(IdentityGuard, AnAnswerThatIsNotThereIsARefusalThatAsks) {
  authorizer.answer("bind reader", std::nullopt);
  const Reply reply = write(identity());
  EXPECT_FALSE(reply.allowed());
  EXPECT_EQ(reply.outcome.asks.size(), 1u);
}

}  // namespace
}  // namespace errand::webhook

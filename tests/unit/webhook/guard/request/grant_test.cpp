// From a request to a sealed grant, and each way in which the seal is not this request's.
#include "webhook/guard/request/grant.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/world.hpp"

namespace errand::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

json asked() {
  json out = grant();
  out.erase("status");
  out["metadata"].erase("uid");
  return out;
}

json request(const json& object, std::string_view user = "alice", std::string_view operation = "CREATE",
             const json& old = nullptr) {
  json body = json::parse(admission(object, user, operation, "", old));
  body["request"]["resource"] = {
      {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "taskgrants"}};
  return body;
}

struct GrantGuard : testing::Test {
  World world;
  Authorizer authorizer;

  Reply call(Path path, const json& body, Time now = kNow) const {
    return ask(path, body.dump(), world.views(), now, authorizer.views());
  }
  // As the API server goes on with what the mutating half answered.
  json sealed(const json& body) const {
    const Reply reply = call(Path::Mutate, body);
    EXPECT_TRUE(reply.allowed()) << reply.message();
    json out = body;
    out["request"]["object"] = body["request"]["object"].patch(reply.patch());
    return out;
  }
  std::string refused(const json& body, Time now = kNow) const {
    const Reply reply = call(Path::Validate, body, now);
    return reply.allowed() ? "allowed" : reply.message();
  }
};

TEST_F(GrantGuard, SealsWhoAskedAndAdmitsThat) {
  json body = request(asked());
  body["request"]["userInfo"]["uid"] = "u-1";
  body["request"]["userInfo"]["extra"] = {{"example.com/team", {"a", "b"}}};
  const json done = sealed(body);
  const json& annotations = done["request"]["object"]["metadata"]["annotations"];
  EXPECT_EQ(json::parse(annotations["errand.dev/requester"].get<std::string>()),
            json::parse(R"({"username": "alice", "uid": "u-1", "groups": ["system:authenticated"],
                            "extra": {"example.com/team": ["a", "b"]}})"));
  EXPECT_EQ(refused(done), "allowed");
  EXPECT_THAT(authorizer.asked(), ElementsAre("alice request agentidentities/triage-bot"));
}

TEST_F(GrantGuard, IsAskedInEveryNamespace) {
  for (const char* ns : {"free", "audit", "warn"}) {
    json body = request(asked());
    body["request"]["namespace"] = ns;
    body["request"]["object"]["metadata"]["namespace"] = ns;
    EXPECT_THAT(call(Path::Mutate, body).patch(), SizeIs(3));
    EXPECT_THAT(refused(body), HasSubstr("errand.dev/seal is missing")) << ns;
  }
}

TEST_F(GrantGuard, ReplacesWhatTheAuthorWroteThere) {
  json body = request(asked());
  body["request"]["object"]["metadata"]["annotations"] = {
      {"errand.dev/requester", R"({"username":"boss"})"}, {"errand.dev/seal", "x"}, {"other", "stays"}};
  const json done = sealed(body);
  const json& annotations = done["request"]["object"]["metadata"]["annotations"];
  EXPECT_THAT(annotations["errand.dev/requester"].get<std::string>(), HasSubstr("alice"));
  EXPECT_EQ(annotations["other"], "stays");
  EXPECT_EQ(refused(done), "allowed");
}

TEST_F(GrantGuard, AGeneratedNameIsAdmitted) {
  json body = request(asked());
  body["request"]["object"]["metadata"].erase("name");
  body["request"]["object"]["metadata"]["generateName"] = "inc-";
  json done = sealed(body);
  done["request"]["object"]["metadata"]["name"] = "inc-x7k2p";
  EXPECT_EQ(refused(done), "allowed");
  done["request"]["object"]["metadata"]["name"] = "other";
  EXPECT_THAT(refused(done), HasSubstr("is not of this grant"));
}

TEST_F(GrantGuard, ASealOfAnotherRequestIsRefused) {
  const json done = sealed(request(asked()));
  json changed = done;
  changed["request"]["object"]["spec"]["window"]["duration"] = "60m";
  EXPECT_THAT(refused(changed), HasSubstr("is not of this grant"));
  changed = done;
  changed["request"]["namespace"] = changed["request"]["object"]["metadata"]["namespace"] = "other";
  EXPECT_THAT(refused(changed), HasSubstr("is not of this grant"));
  changed = done;
  changed["request"]["userInfo"]["username"] = "mallory";
  EXPECT_THAT(refused(changed), HasSubstr("is of another request, by another user"));
  changed = done;
  changed["request"]["userInfo"]["groups"] = {"system:masters"};
  EXPECT_THAT(refused(changed), HasSubstr("is of another request"));
  EXPECT_EQ(refused(done, kNow + Seconds{60}), "allowed");
  EXPECT_THAT(refused(done, kNow + Seconds{62}),
              HasSubstr("is of 2026-11-24T12:05:00Z, not of this request"));
}

TEST_F(GrantGuard, WithoutAKeyNothingIsAdmitted) {
  const json done = sealed(request(asked()));
  authorizer.loseKeys();
  EXPECT_THAT(call(Path::Mutate, done).message(), HasSubstr("has no key to seal who asked with"));
  EXPECT_THAT(refused(done), HasSubstr("has filled the Secret errand-seal"));
  authorizer.use(SigningKey::make().value());
  EXPECT_THAT(refused(done), HasSubstr("by a key that is not accepted"));
}

TEST_F(GrantGuard, WhoMayNotRequestIsToldTheRule) {
  authorizer.answer("request triage-bot", false);
  EXPECT_THAT(refused(sealed(request(asked()))),
              testing::AllOf(HasSubstr("spec.agentIdentityRef.name: user \"alice\" may not request "
                                       "agentidentities.errand.dev \"triage-bot\" in namespace \"agents\""),
                             HasSubstr("ClusterRole errand-requester")));
  authorizer.answer("request triage-bot", std::nullopt);
  const Reply waiting = call(Path::Validate, sealed(request(asked())));
  EXPECT_FALSE(waiting.allowed());
  EXPECT_THAT(waiting.outcome.asks, SizeIs(1));
  EXPECT_THAT(waiting.message(), HasSubstr("has not said in time"));
}

TEST_F(GrantGuard, AGrantsAccountNamesItsGrantAsTheParent) {
  world.add(activeGrant());
  const std::string own = "system:serviceaccount:agents:" + api::grantAccountName(kGrantUid);
  json body = request(asked(), own);
  json& object = body["request"]["object"];
  object["metadata"]["name"] = "child";
  object["spec"]["window"]["notAfter"] = "2026-11-24T13:00:00Z";
  EXPECT_THAT(refused(sealed(body)), HasSubstr("write parentRef: {name: inc-1,"));
  object["spec"]["parentRef"] = {{"name", "other"}, {"relation", "Delegation"}};
  EXPECT_THAT(refused(sealed(body)), HasSubstr("account of TaskGrant \"inc-1\", so that must be the parent"));
  object["spec"]["parentRef"]["name"] = "inc-1";
  EXPECT_EQ(refused(sealed(body)), "allowed");

  body["request"]["userInfo"]["username"] = "system:serviceaccount:elsewhere:errand-g.0123";
  EXPECT_THAT(refused(sealed(body)), HasSubstr("is a grant's account of namespace \"elsewhere\""));
  body["request"]["userInfo"]["username"] = "system:serviceaccount:agents:errand-g.0123";
  const Reply unknown = call(Path::Validate, sealed(body));
  EXPECT_THAT(unknown.message(), HasSubstr("belongs to no TaskGrant"));
  EXPECT_TRUE(unknown.outcome.needs);
}

TEST_F(GrantGuard, AServiceAccountSaysUntilWhenItMayStart) {
  json body = request(asked(), "system:serviceaccount:ci:orchestrator");
  EXPECT_THAT(refused(sealed(body)), HasSubstr("spec.window.notAfter: is required of a ServiceAccount"));
  body["request"]["object"]["spec"]["window"]["notAfter"] = "2026-11-24T13:00:00Z";
  EXPECT_EQ(refused(sealed(body)), "allowed");
}

TEST_F(GrantGuard, WhatCannotBeReadIsLeftToTheSchemaAndThenRefused) {
  json body = request(asked());
  body["request"]["object"]["spec"]["window"]["duration"] = 15;
  EXPECT_TRUE(call(Path::Mutate, body).allowed());
  EXPECT_THAT(call(Path::Validate, body).message(), HasSubstr("spec.window.duration"));
  body["request"].erase("object");
  EXPECT_FALSE(call(Path::Mutate, body).allowed());
  EXPECT_FALSE(call(Path::Validate, body).allowed());
}

}  // namespace
}  // namespace errand::webhook

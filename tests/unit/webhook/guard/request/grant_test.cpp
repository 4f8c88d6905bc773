// From a request to a grant that says who asked, and each way in which that is not this request's user.
#include "webhook/guard/request/grant.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/clusterfixture.hpp"

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
  ClusterFixture world;

  Reply call(Path path, const json& body) const { return ask(path, body.dump(), world); }
  // As the API server goes on with what the mutating half answered.
  json recorded(const json& body) const {
    const Reply reply = call(Path::Mutate, body);
    EXPECT_TRUE(reply.allowed()) << reply.message();
    json out = body;
    out["request"]["object"] = body["request"]["object"].patch(reply.patch());
    return out;
  }
  std::string refused(const json& body) const {
    const Reply reply = call(Path::Validate, body);
    return reply.allowed() ? "allowed" : reply.message();
  }
};

TEST_F(GrantGuard, RecordsWhoAskedAndAdmitsThat) {
  json body = request(asked());
  body["request"]["userInfo"]["uid"] = "u-1";
  body["request"]["userInfo"]["extra"] = {{"example.com/team", {"b", "a"}}};
  const json done = recorded(body);
  EXPECT_EQ(done["request"]["object"]["metadata"]["annotations"],
            json::parse(R"({"errand.dev/requester-user": "alice", "errand.dev/requester-uid": "u-1",
                            "errand.dev/requester-groups": "system:authenticated",
                            "errand.dev/requester-extra": "example.com/team=a\nexample.com/team=b"})"));
  EXPECT_EQ(refused(done), "allowed");
  EXPECT_THAT(world.asked(),
              ElementsAre("alice request agentidentities/triage-bot",
                          "system:serviceaccount:errand-system:errand-operator bind roles/reader"));
}

TEST_F(GrantGuard, IsAskedInEveryNamespace) {
  for (const char* ns : {"free", "audit", "warn"}) {
    json body = request(asked());
    body["request"]["namespace"] = ns;
    body["request"]["object"]["metadata"]["namespace"] = ns;
    EXPECT_THAT(call(Path::Mutate, body).patch(), SizeIs(3));
    EXPECT_THAT(refused(body), HasSubstr("errand.dev/requester-user is missing")) << ns;
  }
}

TEST_F(GrantGuard, WhatSaysThatAnotherUserAskedIsRefused) {
  struct Case {
    const char *key, *value;
    bool allowed;
  };
  for (const auto& [key, value, allowed] : std::initializer_list<Case>{{"user", "boss", false},
                                                                       {"user", "alice", true},
                                                                       {"groups", "system:masters", false},
                                                                       {"extra", "a=b", false},
                                                                       {"uid", "u-1", false}}) {
    json body = request(asked());
    body["request"]["object"]["metadata"]["annotations"] = {
        {std::string("errand.dev/requester-") + key, value}};
    const Reply reply = call(Path::Mutate, body);
    EXPECT_EQ(reply.allowed(), allowed) << key;
    if (allowed) continue;
    EXPECT_THAT(reply.message(),
                HasSubstr("leave the annotations errand.dev/requester-* out to ask for it anew"));
  }
  json body = request(asked());
  json& annotations = body["request"]["object"]["metadata"]["annotations"];
  annotations = {{"errand.dev/requester-user", "alice"}, {"errand.dev/requester-uid", "another"}};
  EXPECT_FALSE(call(Path::Mutate, body).allowed()) << "a user of that name from before";
}

TEST_F(GrantGuard, WhatTheSameUserLeftThereIsRewritten) {
  json body = request(asked());
  body["request"]["object"]["metadata"]["annotations"] = {{"errand.dev/requester-user", "alice"},
                                                          {"errand.dev/requester-groups", "system:masters"},
                                                          {"errand.dev/requester-extra", "a=b"},
                                                          {"other", "stays"}};
  const json done = recorded(body);
  EXPECT_EQ(done["request"]["object"]["metadata"]["annotations"],
            json::parse(R"({"errand.dev/requester-user": "alice",
                            "errand.dev/requester-groups": "system:authenticated", "other": "stays"})"));
  EXPECT_EQ(refused(done), "allowed");
  EXPECT_EQ(recorded(done), done) << "a second call changes nothing";
}

TEST_F(GrantGuard, AUserThatCannotBeRecordedIsRefused) {
  json body = request(asked());
  body["request"]["userInfo"]["groups"] = {"dev\nsystem:masters"};
  EXPECT_THAT(call(Path::Mutate, body).message(), HasSubstr("a group is empty or has a control character"));
}

TEST_F(GrantGuard, ARecordOfAnotherUserIsRefused) {
  const json done = recorded(request(asked()));
  for (const auto& [field, value] : {std::pair("username", json("mallory")),
                                     {"uid", json("another")},
                                     {"groups", json::array({"system:authenticated", "ops"})},
                                     {"groups", json::array()},
                                     {"extra", json{{"a", {"b"}}}}}) {
    json changed = done;
    changed["request"]["userInfo"][field] = value;
    EXPECT_THAT(refused(changed), HasSubstr("do not describe the user of this request")) << field << value;
  }
}

TEST_F(GrantGuard, AnUpdateGetsBackWhatItLeavesOut) {
  json stored = recorded(request(asked()))["request"]["object"];
  stored["metadata"]["finalizers"] = {"errand.dev/revoke", "foregroundDeletion"};
  const auto updated = [&](json object) {
    const json body = request(object, "bob", "UPDATE", stored);
    const Reply reply = call(Path::Mutate, body);
    EXPECT_TRUE(reply.allowed()) << reply.message();
    EXPECT_TRUE(call(Path::Validate, body).allowed()) << "left to the policy";
    return object.patch(reply.patch());
  };
  EXPECT_EQ(updated(asked()), stored);
  EXPECT_EQ(updated(stored), stored);
  json part = stored;
  part["metadata"]["annotations"].erase("errand.dev/requester-groups");
  EXPECT_EQ(updated(part), stored);
  json forged = stored;
  forged["metadata"]["annotations"]["errand.dev/requester-user"] = "bob";
  EXPECT_EQ(updated(forged), forged) << "the policy rejects it";
  json released = stored;
  released["metadata"].erase("finalizers");
  EXPECT_EQ(updated(released), released) << "as the operator takes its finalizer off";
  released = asked();
  released["metadata"]["finalizers"] = {"other"};
  EXPECT_EQ(updated(released)["metadata"]["finalizers"], released["metadata"]["finalizers"]);
  EXPECT_THAT(world.asked(), IsEmpty());
}

// No authorizer is asked about its members, and nobody could take the verb from one.
TEST_F(GrantGuard, MembershipOfSystemMastersDoesNotCount) {
  json body = request(asked());
  body["request"]["userInfo"]["groups"] = {"system:masters", "system:authenticated"};
  EXPECT_EQ(refused(recorded(body)), "allowed") << "the user holds the verb in another way";
  EXPECT_THAT(world.groups(), ElementsAre("system:authenticated"));
  world.answer("request triage-bot", false);
  EXPECT_THAT(refused(recorded(body)),
              testing::AllOf(HasSubstr("membership of system:masters does not count"),
                             HasSubstr("kubeadm:cluster-admins"), HasSubstr("ClusterRole errand-requester")));
}

TEST_F(GrantGuard, WhoMayNotRequestIsToldTheRule) {
  world.answer("request triage-bot", false);
  EXPECT_THAT(refused(recorded(request(asked()))),
              testing::AllOf(HasSubstr("spec.agentIdentityRef.name: user \"alice\" may not request "
                                       "agentidentities.errand.dev \"triage-bot\" in namespace \"agents\""),
                             HasSubstr("ClusterRole errand-requester")));
  world.answer("request triage-bot", std::nullopt);
  const Reply waiting = call(Path::Validate, recorded(request(asked())));
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
  EXPECT_THAT(refused(recorded(body)), HasSubstr("write parentRef: {name: inc-1,"));
  object["spec"]["parentRef"] = {{"name", "other"}, {"relation", "Delegation"}};
  EXPECT_THAT(refused(recorded(body)),
              HasSubstr("account of TaskGrant \"inc-1\", so that must be the parent"));
  object["spec"]["parentRef"]["name"] = "inc-1";
  EXPECT_EQ(refused(recorded(body)), "allowed");

  body["request"]["userInfo"]["username"] = "system:serviceaccount:elsewhere:errand-g.0123";
  EXPECT_THAT(refused(recorded(body)), HasSubstr("is a grant's account of namespace \"elsewhere\""));
  body["request"]["userInfo"]["username"] = "system:serviceaccount:agents:errand-g.0123";
  const Reply unknown = call(Path::Validate, recorded(body));
  EXPECT_THAT(unknown.message(), HasSubstr("belongs to no TaskGrant"));
  EXPECT_TRUE(unknown.outcome.needs);
}

TEST_F(GrantGuard, AServiceAccountSaysUntilWhenItMayStart) {
  json body = request(asked(), "system:serviceaccount:ci:orchestrator");
  EXPECT_THAT(refused(recorded(body)), HasSubstr("spec.window.notAfter: is required of a ServiceAccount"));
  body["request"]["object"]["spec"]["window"]["notAfter"] = "2026-11-25T12:05:01Z";
  EXPECT_THAT(refused(recorded(body)),
              HasSubstr("spec.window.notAfter: 2026-11-25T12:05:01Z is more than 24h away"));
  body["request"]["object"]["spec"]["window"]["notAfter"] = "2026-11-25T12:05:00Z";
  EXPECT_EQ(refused(recorded(body)), "allowed");
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

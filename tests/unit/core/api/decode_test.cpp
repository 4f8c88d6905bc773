// Decoding of what is not as it should be: an error with the path, never an exception.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::api {
namespace {

using nlohmann::json;

std::string whyNot(const char* text) {
  const auto grant = decode<TaskGrant>(json::parse(text));
  return grant ? "" : grant.error().message;
}

TEST(Decode, WrongTypesNameTheirPath) {
  EXPECT_EQ(whyNot(R"([])"), "object is not an object");
  EXPECT_EQ(whyNot(R"({"spec":{"task":{"risk":"Huge"}}})"), "spec.task.risk has the unknown value \"Huge\"");
  EXPECT_EQ(whyNot(R"({"spec":{"access":{"roles":["a"]}}})"), "spec.access.roles[0] is not an object");
  EXPECT_EQ(whyNot(R"({"spec":{"access":{"roles":{}}}})"), "spec.access.roles is not a list");
  EXPECT_EQ(whyNot(R"({"metadata":{"labels":{"a":1}}})"), "metadata.labels is not a map of strings");
  EXPECT_EQ(whyNot(R"({"spec":{"ttlSecondsAfterFinished":99999999999}})"),
            "spec.ttlSecondsAfterFinished is not a number of 32 bits");
  EXPECT_NE(
      whyNot(R"({"spec":{"window":{"duration":"soon"}}})").find("spec.window.duration is not a duration"),
      std::string::npos);
}

TEST(Decode, UnknownFieldsAndNullsAreIgnored) {
  EXPECT_EQ(whyNot(R"({"spec":{"laterField":1,"revoke":null},"metadata":null})"), "");
}

TEST(Decode, JobEndsByItsConditionsAlone) {
  const auto job = decode<Job>(json::parse(
      R"({"status":{"conditions":[{"type":"Failed","status":"False"},{"type":"Complete","status":"True"}]}})"));
  ASSERT_TRUE(job.has_value());
  EXPECT_TRUE(job->complete);
  EXPECT_FALSE(job->failed);
}

TEST(Decode, ARoleHasItsRulesAndTheirDigest) {
  const auto role = decode<Role>(json::parse(
      R"({"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"],"resourceNames":["x"]},
          {"nonResourceURLs":["*"],"verbs":["*"]}]})"));
  ASSERT_TRUE(role.has_value());
  EXPECT_EQ(role->rules, (std::vector<PolicyRule>{{{""}, {"pods"}, {"get"}}, {{}, {}, {"*"}}}));
  const auto others = decode<Role>(json::parse(
      R"({"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]},
          {"nonResourceURLs":["*"],"verbs":["*"]}]})"));
  EXPECT_NE(role->rulesDigest, others->rulesDigest) << "names are part of it";
  EXPECT_TRUE(decode<Role>(json::parse(R"({"rules":null})"))->rules.empty());
}

// Refused unless the word stands there.
TEST(Decode, ADangerousRoleIsAcceptedByName) {
  const auto identity =
      decode<AgentIdentity>(json::parse(R"({"spec":{"toolClasses":[{"name":"a","access":{"roles":[
      {"name":"x"},{"name":"y","dangerous":"Refused"},{"name":"z","dangerous":"Accepted"},{"name":"w","dangerous":"accepted"}],
      "clusterRoles":[{"name":"x","dangerous":"Accepted"}]}}]}})"));
  ASSERT_TRUE(identity.has_value());
  const Ceiling& access = identity->toolClasses[0].access;
  EXPECT_EQ(access.roles, (std::vector<AllowedRole>{{"x"}, {"y"}, {"z", true}, {"w"}}));
  EXPECT_TRUE(access.role("ClusterRole", "x")->dangerAccepted);
  EXPECT_FALSE(access.role("Role", "x")->dangerAccepted);
  EXPECT_EQ(access.role("ClusterRole", "y"), nullptr);
}

TEST(Decode, DeadlinesOfPodsAndJobs) {
  const auto value =
      json::parse(R"({"spec":{"activeDeadlineSeconds":90},"status":{"startTime":"2026-11-24T12:00:00Z"}})");
  EXPECT_EQ(decode<Pod>(value)->activeDeadlineSeconds, 90);
  EXPECT_EQ(decode<Job>(value)->activeDeadlineSeconds, 90);
  EXPECT_TRUE(decode<Job>(value)->started);
  EXPECT_EQ(decode<Pod>(json::parse("{}"))->activeDeadlineSeconds, std::nullopt);
  EXPECT_FALSE(decode<Job>(json::parse("{}"))->started);
}

// A slot is looked for by its Secret's name, which a pod may have at any of these places.
TEST(Decode, APodNamesTheSecretsOfSlotsWhereverItsSpecDoes) {
  const auto slotsOf = [](const char* spec) {
    return decode<Pod>(json::parse(std::string(R"({"metadata":{"name":"errand-n"},"spec":)") + spec + "}"))
        ->slots;
  };
  using Names = std::vector<std::string>;
  for (
      const char* spec : {
          R"({"volumes":[{"name":"v","secret":{"secretName":"errand-s"}}]})",
          R"({"volumes":[{"projected":{"sources":[{"configMap":{"name":"errand-c"}},{"secret":{"name":"errand-s"}}]}}]})",
          R"({"volumes":[{"csi":{"nodePublishSecretRef":{"name":"errand-s"}}}]})",
          R"({"volumes":[{"azureFile":{"secretName":"errand-s"}}]})",
          R"({"containers":[{"env":[{"name":"errand-e","valueFrom":{"secretKeyRef":{"name":"errand-s","key":"t"}}}]}]})",
          R"({"initContainers":[{"envFrom":[{"secretRef":{"name":"errand-s"}}]},{"envFrom":[{"secretRef":{"name":"errand-s"}}]}]})",
          R"({"ephemeralContainers":[{"envFrom":[{"secretRef":{"name":"errand-s"}}]}]})",
      })
    EXPECT_EQ(slotsOf(spec), Names{"errand-s"}) << spec;
  EXPECT_EQ(
      slotsOf(
          R"({"volumes":[{"name":"errand-v","secret":{"secretName":"tls"}},{"configMap":{"name":"errand-c"}}],
    "containers":[{"name":"errand-c","image":"errand-i"}],"serviceAccountName":"errand-a.b.c"})"),
      Names{});
  EXPECT_EQ(slotsOf(R"({"volumes":[{"projected":{"sources":[{"secret":{"name":"errand-g.0a1b.x"}}]}}]})"),
            Names{})
      << "a copy of a leased Secret";
  EXPECT_EQ(slotsOf("null"), Names{});
}

TEST(Decode, AWorkloadHasTheLabelsOfItsPods) {
  const auto value = json::parse(
      R"({"metadata":{"labels":{"app":"its-own"}},"spec":{"template":{"metadata":{"labels":{"app":"bot"}}}}})");
  EXPECT_EQ(decode<Job>(value)->podLabels, (StringMap{{"app", "bot"}}));
  EXPECT_EQ(decode<Workload>(value)->podLabels, (StringMap{{"app", "bot"}}));
  EXPECT_TRUE(decode<Job>(json::parse("{}"))->podLabels.empty());
}

TEST(Decode, TextIsParsedStrictly) {
  EXPECT_TRUE(decodeText<PartialObject>(R"({"metadata":{"name":"x"}})").has_value());
  EXPECT_EQ(decodeText<PartialObject>(R"({"metadata":{"name":"x","name":"y"}})").error().message,
            "JSON object with the key \"name\" twice");
  EXPECT_FALSE(decodeText<PartialObject>("{\"a\":").has_value());
}

// Without a reason, too: the object stands there.
TEST(Decode, ARevocationNeedsNoReason) {
  EXPECT_EQ(decodeText<TaskGrant>(R"({"spec":{"revoke":{}}})")->spec.revokeReason, "");
  EXPECT_EQ(decodeText<TaskGrant>(R"({"spec":{"revoke":null}})")->spec.revokeReason, std::nullopt);
  EXPECT_EQ(decodeText<TaskGrant>(R"({"spec":{"revoke":7}})").error().message,
            "spec.revoke is not an object");
}

TEST(Selector, FollowsTheApiMachinery) {
  LabelSelector s;
  EXPECT_TRUE(s.matches({})) << "an empty selector matches everything";
  s.matchLabels = {{"app", "bot"}};
  s.matchExpressions = {{"tier", "NotIn", {"web"}}};
  EXPECT_TRUE(s.matches({{"app", "bot"}}));
  EXPECT_FALSE(s.matches({{"app", "bot"}, {"tier", "web"}}));
  s.matchExpressions = {{"tier", "Sideways", {}}};
  EXPECT_FALSE(s.matches({{"app", "bot"}})) << "an unknown operator matches nothing";
}

TEST(Condition, TransitionTimeMovesOnlyWithTheStatus) {
  std::vector<Condition> all;
  const Time t0 = *parseTime("2026-11-24T11:00:00Z");
  setCondition(all, {"Ready", "A", "", ConditionStatus::True, 1, {}}, t0);
  setCondition(all, {"Ready", "B", "", ConditionStatus::True, 2, {}}, t0 + Seconds{1});
  EXPECT_EQ(all[0].lastTransitionTime, t0);
  EXPECT_EQ(all[0].reason, "B");
  setCondition(all, {"Ready", "C", "", ConditionStatus::False, 3, {}}, t0 + Seconds{2});
  EXPECT_EQ(all[0].lastTransitionTime, t0 + Seconds{2});
}

TEST(Names, AccountNameIsTwentyHexDigitsOfTheUid) {
  EXPECT_EQ(grantAccountName("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"), "errand-g.0a1b2c3d4e5f60718293");
}

}  // namespace
}  // namespace errand::api

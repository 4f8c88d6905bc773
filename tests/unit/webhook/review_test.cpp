#include "webhook/review.hpp"

#include <gmock/gmock.h>

#include "tests/unit/rules/literals/sample.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Reply validate(const json& pod) { return ask(Path::Validate, admission(pod, "alice"), ClusterFixture()); }

TEST(Review, AnswersInTheRequestsOwnTerms) {
  const json body = json::parse(
      review(Path::Validate, admission(plainPod(), "alice"), ClusterFixture(), kSettings, kNow).value().body);
  EXPECT_EQ(
      body,
      json::parse(
          R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"r-1","allowed":true}})"));
}

TEST(Review, ReportsAllFindingsAtOnceAndNoValue) {
  json pod = plainPod();
  pod["spec"]["automountServiceAccountToken"] = true;
  const std::string key = expand("sk-<b62*48>");
  pod["spec"]["containers"][0]["env"] = {
      {{"name", "OPENAI_API_KEY"}, {"value", key}},
      {{"name", "DB"}, {"valueFrom", {{"secretKeyRef", {{"name", "db"}, {"key", "p"}}}}}}};
  pod["spec"]["volumes"] = json::parse(R"([{"name":"tls","secret":{"secretName":"tls"}}])");
  const Reply reply = validate(pod);
  EXPECT_THAT(reply.outcome.ruleIds, ElementsAre("SC101", "SC106", "SC107", "SC108", "SC109"));
  EXPECT_THAT(
      reply.message(),
      HasSubstr(
          "[SC108] container \"app\": env OPENAI_API_KEY holds a literal API key (OpenAI, 51 characters). "
          "Fix: lease it by a TaskGrant (access.secrets). See docs/rules/SC108.md"));
  EXPECT_THAT(reply.outcome.body, Not(HasSubstr(key.substr(3, 12))));
  EXPECT_EQ(reply.response["status"]["code"], 403);
  EXPECT_EQ(reply.response["status"]["reason"], "Forbidden");
}

TEST(Review, BoundsTheMessageAndPrintsNoControlCharacters) {
  json pod = plainPod();
  for (int i = 0; i < 500; ++i)
    pod["spec"]["containers"][0]["env"].push_back({{"name", "A\n\x1b[31m" + std::string(300, 'x')},
                                                   {"valueFrom", {{"secretKeyRef", {{"name", "db"}}}}}});
  const std::string message = validate(pod).message();
  EXPECT_THAT(message, HasSubstr("and 436 more"));
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  EXPECT_LT(message.size(), 64u * 1024);
}

// Any name in a message may itself be an API key.
TEST(Review, DoesNotShowANameThatIsItselfAKey) {
  const std::string key = expand("sk-<b62*48>");
  const json fromSecret = {{"valueFrom", {{"secretKeyRef", {{"name", key}, {"key", "p"}}}}}};
  json pod = plainPod();
  json& container = pod["spec"]["containers"][0];
  container["name"] = key;
  container["env"] = {{{"name", key}, {"value", "x"}}, fromSecret};
  container["env"][1]["name"] = key;
  pod["metadata"]["annotations"][key] = "x";
  pod["spec"]["volumes"] = {{{"name", key}, {"secret", {{"secretName", key}}}}};
  const Reply reply = validate(pod);
  EXPECT_THAT(reply.outcome.ruleIds, ElementsAre("SC106", "SC107", "SC108"));
  EXPECT_THAT(reply.message(),
              HasSubstr("container a name that is itself a key: env a name that is itself a key "
                        "holds a literal API key (OpenAI, 51 characters)"));
  EXPECT_THAT(reply.message(), HasSubstr("pod: the name of an annotation holds a literal API key"));
  EXPECT_THAT(reply.outcome.body, Not(HasSubstr(key.substr(3, 12))));

  json longer = plainPod();
  const std::string cut = expand("sk-ant-api03-<url*93>AA");
  longer["spec"]["containers"][0]["env"] = {{{"name", cut}}};
  EXPECT_THAT(validate(longer).outcome.ruleIds, ElementsAre("SC108"));
  EXPECT_THAT(validate(longer).message(), Not(HasSubstr(cut.substr(13, 12))));
}

TEST(Review, JudgesOnlyTheEphemeralContainersThatAnUpdateAdds) {
  json old = plainPod();
  old["spec"]["automountServiceAccountToken"] = true;
  old["spec"]["volumes"] =
      json::parse(R"([{"name":"tls","secret":{"secretName":"tls"}},{"name":"work","emptyDir":{}}])");
  old["spec"]["ephemeralContainers"] =
      json::parse(R"([{"name":"first","env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"db"}}}]}])");
  const auto update = [&](const json& container) {
    json pod = old;
    pod["spec"]["ephemeralContainers"].push_back(container);
    return ask(Path::Validate, admission(pod, "alice", "UPDATE", "ephemeralcontainers", old),
               ClusterFixture());
  };
  EXPECT_TRUE(update({{"name", "debug"}, {"image", "busybox"}}).allowed());
  EXPECT_TRUE(
      update({{"name", "debug"}, {"volumeMounts", {{{"name", "work"}, {"mountPath", "/w"}}}}}).allowed());
  EXPECT_THAT(
      update({{"name", "debug"}, {"volumeMounts", {{{"name", "tls"}, {"mountPath", "/t"}}}}}).message(),
      HasSubstr("[SC106] ephemeral container \"debug\": volume \"tls\""));
  EXPECT_THAT(update({{"name", "debug"}, {"envFrom", {{{"secretRef", {{"name", "db"}}}}}}}).outcome.ruleIds,
              ElementsAre("SC107"));
  EXPECT_THAT(update({{"name", "debug"}, {"args", {expand("--key=AKIA<b32*16>")}}}).outcome.ruleIds,
              ElementsAre("SC108"));
}

TEST(Review, AllowsWhatIsNotItsConcern) {
  json bad = plainPod();
  bad["spec"]["automountServiceAccountToken"] = true;
  EXPECT_FALSE(validate(bad).allowed());
  EXPECT_TRUE(ask(Path::Validate, admission(bad, "alice", "DELETE"), ClusterFixture()).allowed());
  EXPECT_TRUE(ask(Path::Validate, admission(bad, "alice", "UPDATE", "resize"), ClusterFixture()).allowed());
}

// A pod that was admitted before its namespace took part can still be debugged. The webhook checks only what
// the update adds.
TEST(Review, AnEphemeralContainerDoesNotAnswerForTheTokensOfItsPod) {
  json old = plainPod();
  old["spec"]["serviceAccountName"] = old["spec"]["serviceAccount"] = "errand-a.triage-bot.planner";
  old["spec"]["volumes"] =
      json::parse(R"([{"name":"own","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}])");
  const auto adding = [&](const json& mounts) {
    json pod = old;
    pod["spec"]["ephemeralContainers"] = {
        {{"name", "debug"}, {"image", "busybox"}, {"volumeMounts", mounts}}};
    return ask(Path::Validate, admission(pod, "alice", "UPDATE", "ephemeralcontainers", old),
               ClusterFixture());
  };
  EXPECT_TRUE(adding(json::array()).allowed());
  EXPECT_THAT(adding({{{"name", "own"}, {"mountPath", "/t"}}}).outcome.ruleIds, ElementsAre("SC106"));
  EXPECT_TRUE(adding({{{"name", "not-there"}, {"mountPath", "/t"}}}).allowed())
      << "the API server refuses it";
}

TEST(Review, AnAccountThatNamesNoAgentOrNoClassIsNoAgentsThatMayStillCome) {
  for (const char* account : {"errand-a.", "errand-a..planner", "errand-a.bot", "errand-a.bot."}) {
    json pod = plainPod();
    pod["spec"]["serviceAccountName"] = account;
    const json deployment = {
        {"apiVersion", "apps/v1"},
        {"kind", "Deployment"},
        {"metadata", {{"name", "d"}}},
        {"spec", {{"template", {{"metadata", pod["metadata"]}, {"spec", pod["spec"]}}}}}};
    EXPECT_THAT(ask(Path::Validate, objectAdmission(deployment, "alice"), ClusterFixture()).message(),
                HasSubstr("which is not of the form errand-a.<agent>.<tool class>"))
        << account;
  }
}

TEST(Review, ATokenForTheApiServerIsOneUnderWhateverNameThatHas) {
  json pod = plainPod();
  pod["spec"]["volumes"] = json::parse(
      R"([{"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"t","audience":"https://oidc.cloud.example/1"}}]}}])");
  const ClusterFixture world;
  EXPECT_TRUE(ask(Path::Validate, admission(pod, "alice"), world).allowed());
  const RuleSettings settings{.apiAudiences = {"https://a.example", "https://oidc.cloud.example/1"}};
  EXPECT_THAT(ask(Path::Validate, admission(pod, "alice"), world, kNow, settings).outcome.ruleIds,
              ElementsAre("SC102", "SC103"))
      << "no life is set either";
}

// The label of a grant gives a pod nothing if the mutating webhook was not called or its change was undone.
TEST(Review, ALabelOfAGrantAloneIsNoCompletion) {
  ClusterFixture world;
  world.add(identity());
  world.add(grant());
  json pod = plainPod();
  pod["metadata"]["labels"] = {{"app", "triage-bot"}, {"errand.dev/task-grant", "inc-1"}};
  EXPECT_THAT(ask(Path::Validate, admission(pod, "alice"), world).outcome.ruleIds, ElementsAre("SC104"));
}

// An object that cannot be read is refused with the field's path, by both halves.
TEST(Review, RefusesAPodThatItCannotRead) {
  const std::pair<json, std::string_view> cases[] = {
      {{{"metadata", json::object()}}, "request.object has no spec"},
      {{{"metadata", {{"labels", {{"a", 1}}}}}, {"spec", json::object()}},
       "request.object.metadata.labels is not a map of strings"},
      {{{"metadata", json::object()}, {"spec", {{"containers", {{{"args", "x"}}}}}}},
       "request.object.spec.containers[0].args is not a list"},
      {json::array(), "request.object is not an object"},
      {nullptr, "request.object is missing"},
  };
  for (const auto& [object, message] : cases) {
    const json body = {{"apiVersion", "admission.k8s.io/v1"},
                       {"kind", "AdmissionReview"},
                       {"request",
                        {{"uid", "r-1"},
                         {"operation", "CREATE"},
                         {"namespace", "agents"},
                         {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
                         {"object", object}}}};
    for (const Path path : {Path::Mutate, Path::Validate}) {
      const Reply reply = ask(path, body.dump(), ClusterFixture());
      EXPECT_FALSE(reply.allowed()) << message;
      EXPECT_THAT(reply.message(), HasSubstr(message));
    }
  }
}

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Review, ReportsWhatIsNoAdmissionReview) {
  const std::string head = R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",)";
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "not valid JSON"},
      {" ", "not valid JSON"},
      {"{", "not valid JSON"},
      {"pod: 1", "not valid JSON"},
      {std::string("\0\0\0", 3), "not valid JSON"},
      {"[]", "not a JSON object"},
      {"1", "not a JSON object"},
      {"{}", "not an AdmissionReview"},
      {"{} {}", "not valid JSON"},
      {R"({"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}})",
       "not an AdmissionReview"},
      {R"({"apiVersion":1,"kind":"AdmissionReview"})", "not an AdmissionReview"},
      {head + R"("request":null})", "request is missing"},
      {head + R"("request":[]})", "request is not an object"},
      {head + R"("request":{}})", "request.uid is missing"},
      {head + R"("request":{"uid":7}})", "request.uid is not a string"},
      {head + R"("request":{"uid":"u","uid":"v"}})", "the key \"uid\" twice"},
      {head + R"("request":{"uid":"u","object":{"spec":{"a":1,"a":2}}}})", "the key \"a\" twice"},
      {head + R"("request":{"uid":"u","resource":"pods"}})", "request.resource is not an object"},
      {head + R"("request":{"uid":"u","userInfo":{"groups":"g"}}})", "request.userInfo.groups is not a list"},
      {head + "\"request\":{\"uid\":\"\xff\xfe\"}}", "not valid UTF-8"},
      {head + R"("request":{"uid":"\ud800"}})", "not valid JSON"},
      {head + R"("request":{"uid":"u","object":)" + nested(200) + "}}", "deeper than 100"},
      {nested(100000), "deeper than 100"},
      {head + R"("request":{"uid":"u","x":1e999}})", "not valid JSON"},
  };
  for (const auto& [body, message] : cases)
    for (const Path path : {Path::Mutate, Path::Validate}) {
      const auto outcome = review(path, body, ClusterFixture(), kSettings, kNow);
      ASSERT_FALSE(outcome) << body.substr(0, 200);
      EXPECT_THAT(outcome.error().message, HasSubstr(message));
    }
}

// Every prefix of a real review, and every single changed byte, ends in an
// answer or an error and never otherwise.
TEST(Review, SurvivesTruncationAndFlippedBytes) {
  const std::string body = admission(jobPod(), kJobController);
  ClusterFixture world;
  world.add(identity());
  world.add(grant());
  for (size_t length = 0; length < body.size(); ++length)
    EXPECT_FALSE(review(Path::Validate, std::string_view(body).substr(0, length), world, kSettings, kNow));
  size_t answered = 0;
  for (size_t i = 0; i < body.size(); ++i)
    for (const unsigned char flip : {0x01, 0x20, 0x80}) {
      std::string changed = body;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      for (const Path path : {Path::Mutate, Path::Validate})
        if (const auto outcome = review(path, changed, world, kSettings, kNow)) {
          ++answered;
          EXPECT_FALSE(outcome->body.empty());
        }
    }
  EXPECT_GT(answered, body.size() / 2);
}

}  // namespace
}  // namespace errand::webhook

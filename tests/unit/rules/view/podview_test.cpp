#include "rules/view/podview.hpp"

#include <gmock/gmock.h>

#include "rules/view/admission.hpp"

namespace errand::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Read {
  PodView pod;
  std::string error;
};

Read read(std::string_view spec) {
  const auto request = readAdmission(
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE",
          "resource":{"version":"v1","resource":"pods"},"object":{"metadata":{"name":"p"},"spec":)" +
      std::string(spec) + "}}}");
  if (!request) return {{}, request.error().message};
  if (const auto* unreadable = std::get_if<Unreadable>(&request->request)) {
    const std::string_view prefix = "the pod cannot be read: ";
    EXPECT_TRUE(unreadable->message.starts_with(prefix)) << unreadable->message;
    return {{}, unreadable->message.substr(prefix.size())};
  }
  return {std::get<PodCreate>(request->request).pod, ""};
}

TEST(PodView, WalksAllThreeKindsOfContainers) {
  const auto [pod, error] = read(R"({"containers":[{"name":"a"},{"name":"b"}],"initContainers":[{"name":"i"}],
    "ephemeralContainers":[{"name":"e","targetContainerName":"a"}]})");
  EXPECT_EQ(error, "");
  ASSERT_EQ(pod.containers.size(), 4u);
  EXPECT_EQ(pod.containers[1].index, 1u);
  EXPECT_EQ(pod.containers[2].role, ContainerRole::Init);
  EXPECT_EQ(pod.containers[3].role, ContainerRole::Ephemeral);
}

TEST(PodView, TellsUnsetAutomountFromFalse) {
  EXPECT_EQ(read(R"({})").pod.automount, std::nullopt);
  EXPECT_EQ(read(R"({"automountServiceAccountToken":null})").pod.automount, std::nullopt);
  EXPECT_EQ(read(R"({"automountServiceAccountToken":false})").pod.automount, false);
  EXPECT_EQ(read(R"({"automountServiceAccountToken":true})").pod.automount, true);
}

TEST(PodView, TakesTheOlderAccountFieldWhereTheOtherIsAbsent) {
  EXPECT_EQ(read(R"({"serviceAccount":"old"})").pod.account(), "old");
  EXPECT_EQ(read(R"({"serviceAccount":"old","serviceAccountName":"name"})").pod.account(), "name");
}

// One volume for every source that can name a Secret.
TEST(PodView, FindsTheSecretOfEverySource) {
  const struct {
    std::string_view source, field;
    bool mountsIt;
  } cases[] = {
      {R"("secret":{"secretName":"s"})", "secret.secretName", true},
      {R"("projected":{"sources":[{"configMap":{"name":"c"}},{"secret":{"name":"s"}}]})",
       "projected.sources[1].secret.name", true},
      {R"("csi":{"driver":"d","nodePublishSecretRef":{"name":"s"}})", "csi.nodePublishSecretRef.name", false},
      {R"("flexVolume":{"driver":"d","secretRef":{"name":"s"}})", "flexVolume.secretRef.name", false},
      {R"("azureFile":{"secretName":"s","shareName":"x"})", "azureFile.secretName", false},
      {R"("cephfs":{"secretRef":{"name":"s"}})", "cephfs.secretRef.name", false},
      {R"("cinder":{"secretRef":{"name":"s"}})", "cinder.secretRef.name", false},
      {R"("rbd":{"secretRef":{"name":"s"}})", "rbd.secretRef.name", false},
      {R"("iscsi":{"secretRef":{"name":"s"}})", "iscsi.secretRef.name", false},
      {R"("scaleIO":{"secretRef":{"name":"s"}})", "scaleIO.secretRef.name", false},
      {R"("storageos":{"secretRef":{"name":"s"}})", "storageos.secretRef.name", false},
  };
  for (const auto& c : cases) {
    const auto [pod, error] = read(R"({"volumes":[{"name":"v",)" + std::string(c.source) + "}]}");
    EXPECT_EQ(error, "") << c.source;
    ASSERT_EQ(pod.volumes.size(), 1u) << c.source;
    ASSERT_EQ(pod.volumes[0].secrets.size(), 1u) << c.source;
    EXPECT_EQ(pod.volumes[0].secrets[0].name, "s") << c.source;
    EXPECT_EQ(pod.volumes[0].secrets[0].field, c.field);
    EXPECT_EQ(pod.volumes[0].secrets[0].mountsIt, c.mountsIt);
    EXPECT_THAT(pod.volumes[0].unknownSources, IsEmpty()) << c.source;
  }
}

TEST(PodView, RemembersUnknownSourcesByName) {
  const auto [pod, error] = read(R"({"volumes":[{"name":"v","vault":{"path":"x"}},
    {"name":"w","projected":{"sources":[{"serviceAccountToken":{"path":"t"}},{"quantum":{}}]}},{"name":"x","emptyDir":{}}],
    "containers":[{"env":[{"name":"A","valueFrom":{"vaultRef":{}}}],"envFrom":[{"prefix":"P_","secretRef":{"name":"s"}},{"vaultRef":{}}]}]})");
  EXPECT_EQ(error, "");
  EXPECT_THAT(pod.volumes[0].unknownSources, ElementsAre("vault"));
  EXPECT_THAT(pod.volumes[1].unknownSources, ElementsAre("projected.sources[1].quantum"));
  EXPECT_TRUE(pod.volumes[1].hasApiToken());
  EXPECT_THAT(pod.volumes[2].unknownSources, IsEmpty());
  EXPECT_EQ(pod.containers[0].env[0].unknownSource, "vaultRef");
  EXPECT_TRUE(pod.containers[0].envFrom[0].fromSecret);
  EXPECT_EQ(pod.containers[0].envFrom[1].unknownSource, "vaultRef");
}

TEST(PodView, NamesThePathOfAWrongType) {
  const struct {
    std::string_view spec, error;
  } cases[] = {
      {R"({"containers":{}})", "spec.containers is not a list"},
      {R"({"containers":[1]})", "spec.containers[0] is not an object"},
      {R"({"containers":[{"env":"x"}]})", "spec.containers[0].env is not a list"},
      {R"({"containers":[{"env":[{"value":1}]}]})", "spec.containers[0].env[0].value is not a string"},
      {R"({"containers":[{"command":["a",2]}]})", "spec.containers[0].command is not a list of strings"},
      {R"({"containers":[{"volumeMounts":[{"readOnly":"yes"}]}]})",
       "spec.containers[0].volumeMounts[0].readOnly is not true or false"},
      {R"({"volumes":[{"name":"v","secret":[]}]})", "spec.volumes[0].secret is not an object"},
      {R"({"volumes":[{"name":"v","projected":{"sources":[{"secret":"s"}]}}]})",
       "spec.volumes[0].projected.sources[0].secret"},
      {R"({"containers":[{"env":[{"valueFrom":{"secretKeyRef":"s"}}]}]})",
       "spec.containers[0].env[0].valueFrom.secretKeyRef is not an object"},
      {R"({"containers":[{"envFrom":[{"secretRef":["s"]}]}]})",
       "spec.containers[0].envFrom[0].secretRef is not an object"},
      {R"({"automountServiceAccountToken":"true"})",
       "spec.automountServiceAccountToken is not true or false"},
      {R"({"activeDeadlineSeconds":1.5})", "spec.activeDeadlineSeconds is not a whole number"},
      {R"({"serviceAccountName":{}})", "spec.serviceAccountName is not a string"},
      {R"([])", "spec is not an object"},
      {R"(null)", "has no spec"},
  };
  for (const auto& c : cases) EXPECT_THAT(read(c.spec).error, ::testing::HasSubstr(c.error)) << c.spec;
}

TEST(PodView, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(read(R"({"automountServiceAccountToken":false,"automountServiceAccountToken":true})").error,
              ::testing::HasSubstr("\"automountServiceAccountToken\" twice"));
}

}  // namespace
}  // namespace errand::rules

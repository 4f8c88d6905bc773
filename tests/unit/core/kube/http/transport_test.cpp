// URLs from typed parts: no name can leave its segment.
#include "core/kube/http/transport.hpp"

#include <gtest/gtest.h>

#include "core/kube/client/paths.hpp"

namespace errand::kube {
namespace {

std::string target(std::vector<std::string> path,
                   std::vector<std::pair<std::string, std::string>> query = {}) {
  Request request;
  request.path = std::move(path);
  request.query = std::move(query);
  const auto out = encodeTarget(request);
  return out ? *out : "error: " + out.error().message;
}

TEST(EncodeTarget, CoreAndNamedGroups) {
  EXPECT_EQ(target(objectPath(api::kPods, "ns", "p")), "/api/v1/namespaces/ns/pods/p");
  EXPECT_EQ(target(objectPath(api::kTaskGrants, "ns", "g", "status")),
            "/apis/errand.dev/v1alpha1/namespaces/ns/taskgrants/g/status");
  EXPECT_EQ(target(collectionPath(api::kNamespaces, "")), "/api/v1/namespaces");
}

TEST(EncodeTarget, EncodesEachPart) {
  EXPECT_EQ(target({"roles", "system:node?x#y z\xc3\xa9"}), "/roles/system%3Anode%3Fx%23y%20z%C3%A9");
  EXPECT_EQ(target({"pods"}, {{"labelSelector", "a in (b,c),d!=e&watch=true"}, {"limit", "5"}}),
            "/pods?labelSelector=a%20in%20%28b%2Cc%29%2Cd%21%3De%26watch%3Dtrue&limit=5");
}

TEST(EncodeTarget, RefusesSegmentsThatAServerCouldReadAsAnotherPath) {
  for (const std::string name : {"", ".", "..", "../secrets", "a/b", "%2e%2e", "a%2fb"})
    EXPECT_TRUE(target({"pods", name}).starts_with("error: ")) << name;
  EXPECT_EQ(target({"pods", "...", "a.b"}), "/pods/.../a.b");
}

TEST(RequestTest, ACopyIsWhole) {
  Request request;
  request.body = Sensitive("b");
  request.timeout = Millis{7};
  request.repeats = 429;
  request.freshConnection = true;
  const Request copy = request.copy();
  EXPECT_EQ(copy.body.reveal(), "b");
  EXPECT_EQ(copy.timeout, Millis{7});
  EXPECT_EQ(copy.repeats, 429);
  EXPECT_TRUE(copy.freshConnection);
}

}  // namespace
}  // namespace errand::kube

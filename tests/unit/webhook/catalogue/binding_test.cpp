// SC301 on who is an agent of another namespace.
#include <gmock/gmock.h>

#include "rules/catalogue/where.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

bool allowed(const char* kind, const json& subject) {
  json binding = {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                  {"kind", kind},
                  {"metadata", {{"name", "b"}}},
                  {"roleRef", {{"kind", "ClusterRole"}, {"name", "view"}}},
                  {"subjects", json::array({subject})}};
  return ask(Path::Validate, objectAdmission(binding, "alice"), ClusterFixture()).allowed();
}

json account(const char* ns, const char* name) {
  return {{"kind", "ServiceAccount"}, {"name", name}, {"namespace", ns}};
}

json named(const char* kind, const std::string& name) { return {{"kind", kind}, {"name", name}}; }

// "others" takes part, "free" does not, and of "elsewhere" nothing is known.
TEST(StandingBinding, IsToAgentsOfANamespaceThatIsKnownToTakePart) {
  for (const char* name : {"errand-a.bot.fixer", "errand-g.0123456789abcdef0123"}) {
    const std::string user = std::string("system:serviceaccount:others:") + name;
    EXPECT_FALSE(allowed("RoleBinding", account("others", name)));
    EXPECT_FALSE(allowed("RoleBinding", named("User", user)));
    EXPECT_TRUE(allowed("RoleBinding", account("free", name)));
    EXPECT_TRUE(allowed("RoleBinding", account("elsewhere", name)));
  }
  EXPECT_FALSE(allowed("RoleBinding", named("Group", "system:serviceaccounts:others")));
  EXPECT_TRUE(allowed("RoleBinding", named("Group", "system:serviceaccounts:elsewhere")));
  EXPECT_TRUE(allowed("RoleBinding", account("others", "web")));
  EXPECT_TRUE(allowed("RoleBinding", named("User", "system:serviceaccount:others:web")));
}

TEST(StandingBinding, OfTheClusterIsToAnyAgentByItsName) {
  EXPECT_FALSE(allowed("ClusterRoleBinding", account("free", "errand-a.bot.fixer")));
  EXPECT_FALSE(allowed("ClusterRoleBinding", named("User", "system:serviceaccount:free:errand-a.bot.fixer")));
  EXPECT_TRUE(allowed("ClusterRoleBinding", named("Group", "system:serviceaccounts:free")));
  EXPECT_FALSE(allowed("ClusterRoleBinding", named("Group", "system:serviceaccounts")));
}

TEST(Where, AFieldIsAPointer) {
  EXPECT_EQ(pointer("spec.containers[0].env[12].value"), "/spec/containers/0/env/12/value");
}

}  // namespace
}  // namespace errand::webhook

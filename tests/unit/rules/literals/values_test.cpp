#include "rules/literals/values.hpp"

#include <gtest/gtest.h>

#include <string>

namespace errand::rules {
namespace {

TEST(Values, AReferenceIsMadeOfReferencesAlone) {
  for (const std::string_view value : {"$(TOKEN)",
                                       "$(A)-$(B)",
                                       "${TOKEN}",
                                       "${TOKEN:-}",
                                       "${TOKEN:?set it}",
                                       "$TOKEN",
                                       "{{ .Values.token }}",
                                       "${{ secrets.TOKEN }}",
                                       "<< parameters.token >>",
                                       "#{Token}#",
                                       "#{Token}",
                                       "%(TOKEN)s",
                                       "%TOKEN%",
                                       "<%= token %>",
                                       "@@TOKEN@@",
                                       "vault:secret/data/x#y",
                                       "op://vault/item/field",
                                       "sm://project/name",
                                       "ref+vault://x#/y",
                                       "secretRef:x",
                                       "ENC[AES256_GCM,data:x]",
                                       "@Microsoft.KeyVault(SecretUri=x)"})
    EXPECT_TRUE(isReference(value)) << value;
}

TEST(Values, ALiteralBesideAReferenceIsOne) {
  for (const std::string_view value :
       {"", "-", "$(A)b", "hunter2-$()", "${A:-hunter2}", "$(cat key)", "$ecret", "$", "%", "%A", "$(", "${A",
        "{{ x", "vault:", "op://", "hunter2 vault:x", "#{x", "<% x", "@@x"})
    EXPECT_FALSE(isReference(value)) << value;
}

TEST(Values, NamesOfSecretsAndPathsAreKnown) {
  EXPECT_TRUE(isResourceName("arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-Xk3fQ9"));
  EXPECT_TRUE(isResourceName("projects/1/secrets/x/versions/latest"));
  EXPECT_TRUE(isResourceName("https://kv.vault.azure.net/secrets/x/7d3f"));
  EXPECT_FALSE(isResourceName("https://example.com/secrets/x"));
  EXPECT_TRUE(isPath("/etc/key"));
  EXPECT_TRUE(isPath("./key"));
  EXPECT_FALSE(isPath("key"));
  EXPECT_TRUE(isAddress("0x" + std::string(40, 'a')));
  EXPECT_FALSE(isAddress("0x" + std::string(64, 'a'))) << "that long is a private key";
  EXPECT_FALSE(isAddress("0x" + std::string(40, 'z')));
}

TEST(Values, TemplatesAreToBeReplaced) {
  for (const std::string_view value :
       {"<key>", "your-key", "YOUR_KEY", "REPLACE_ME", "xxx", "XXXX-XXXX", "__KEY__", "redacted"})
    EXPECT_TRUE(isTemplate(value)) << value;
  for (const std::string_view value : {"", "hunter2", "changeme", "<>", "x", "not-so-random-token", "____"})
    EXPECT_FALSE(isTemplate(value)) << value;
}

TEST(Values, ASketchLeavesTheValueOpen) {
  for (const std::string_view value : {"[YOUR KEY]", "{key}", "sk-...", "sk-***", "sk-xxxxxx"})
    EXPECT_TRUE(isSketch(value)) << value;
  for (const std::string_view value :
       {"", "hunter2", "[]", R"({"auths":{"r":{"username":"u","password":"hunter2"}}})", R"(["hunter2"])"})
    EXPECT_FALSE(isSketch(value)) << value;
}

TEST(Values, AWordMayStandForNoKey) {
  for (const std::string_view value : {"none", "EMPTY", "dummy-key", "changeme", "sk-no-key-required"})
    EXPECT_TRUE(isNoKey(value)) << value;
  for (const std::string_view value : {"", "hunter2", "root", "not-so-random-token"})
    EXPECT_FALSE(isNoKey(value)) << value;
}

TEST(Values, APlaceholderHasAWordOrARun) {
  for (const std::string_view value : {"AKIAIOSFODNN7EXAMPLE", "aaaaaa", "0123456789abcdef", "sk-your-key"})
    EXPECT_TRUE(isPlaceholder(value)) << value;
  for (const std::string_view value : {"", "aaaaa", "hunter2"}) EXPECT_FALSE(isPlaceholder(value)) << value;
}

TEST(Values, PublishableKeysAreKnownByTheirStart) {
  EXPECT_TRUE(isPublishable("pk_live_0a1b2c3d4e5f"));
  EXPECT_TRUE(isPublishable("pub" + std::string(32, '7')));
  EXPECT_FALSE(isPublishable("pub" + std::string(32, 'z')));
  EXPECT_FALSE(isPublishable("pk_live_"));
  EXPECT_FALSE(isPublishable("sk_live_0a1b2c3d4e5f"));
  EXPECT_FALSE(isPublishable("public"));
}

}  // namespace
}  // namespace errand::rules

#include "rules/literals/names.hpp"

#include <gtest/gtest.h>

namespace errand::rules {
namespace {

Held held(std::string_view name) { return meaningOf(name).held; }

TEST(Names, ADocumentedNameIsKnownInAnyCase) {
  for (const std::string_view name : documentedNames()) EXPECT_TRUE(meaningOf(name).documented) << name;
  EXPECT_TRUE(meaningOf("Neo4j_Auth").documented);
  EXPECT_TRUE(meaningOf("TF_TOKEN_app_terraform_io").documented);
}

TEST(Names, OfADocumentedNameTheEndTellsWhetherItIsAPassword) {
  EXPECT_EQ(held("PGPASSWORD"), Held::Password);
  EXPECT_EQ(held("GITHUB_TOKEN"), Held::Key);
}

TEST(Names, OtherNamesAreKnownByTheirEnd) {
  EXPECT_EQ(held("ACME_ADMIN_PASSWORD"), Held::Password);
  EXPECT_EQ(held("dbPassword"), Held::Password);
  EXPECT_EQ(held("--password"), Held::Password);
  EXPECT_EQ(held("database.admin-pass"), Held::Password);
  EXPECT_EQ(held("ACME_API_KEY"), Held::Key);
  EXPECT_EQ(held("acmeApiKey"), Held::Key);
  EXPECT_EQ(held("--client-secret"), Held::Key);
  EXPECT_EQ(held("ACME_API_KEY_2"), Held::Key);
  EXPECT_EQ(held("ACME_TOKEN"), Held::Perhaps);
  EXPECT_EQ(held("ACME_SECRET"), Held::Perhaps);
}

TEST(Names, TheLongerEndDecides) {
  EXPECT_EQ(held("ACME_ACCESS_TOKEN"), Held::Key);
  EXPECT_EQ(held("ACME_BOARD_TOKEN"), Held::Perhaps);
}

TEST(Names, AnEndIsAWord) {
  EXPECT_EQ(held("BYPASS"), Held::Nothing);
  EXPECT_EQ(held("MONKEY"), Held::Nothing);
  EXPECT_EQ(held("secretKey"), Held::Nothing) << "usually the key of a Secret";
}

TEST(Names, OrdinaryNamesSayNothing) {
  for (const std::string_view name :
       {"", "X", "LOG_LEVEL", "PASSWORD_FILE", "MAX_TOKENS", "TOKEN_TTL", "SECRET_NAME", "CACHE_KEY",
        "EOS_TOKEN", "AWS_ACCESS_KEY_ID", "TLS_SECRET", "7", "__"})
    EXPECT_EQ(held(name), Held::Nothing) << name;
}

}  // namespace
}  // namespace errand::rules

#include "rules/catalogue/secretuse.hpp"

#include <gtest/gtest.h>

namespace errand::rules {
namespace {

TEST(SecretUse, TokenSecretsAreKnownByTheNameThatTheControllerGave) {
  for (const char* name : {"deployer-token-x7k2p", "d-token-bcdfg"})
    EXPECT_TRUE(looksLikeTokenSecret(name)) << name;
  for (const char* name : {"-token-x7k2p", "token-x7k2p", "deployer-tokens-x7k2p", "database-x7k2p",
                           "deployer-token-x7k2a", "deployer-token-x7k2", ""})
    EXPECT_FALSE(looksLikeTokenSecret(name)) << name;
}

}  // namespace
}  // namespace errand::rules

#include "rules/literals/publicnames.hpp"

#include <gtest/gtest.h>

#include "rules/literals/names.hpp"

namespace errand::rules {
namespace {

TEST(PublicNames, BrowserKeysArePublic) {
  for (const std::string_view name :
       {"NEXT_PUBLIC_API_KEY", "VITE_API_KEY", "REACT_APP_ACCESS_TOKEN", "FIREBASE_API_KEY",
        "GOOGLE_MAPS_API_KEY", "RECAPTCHA_SITE_KEY", "SUPABASE_ANON_KEY", "TINYMCE_PUBLIC_API_KEY",
        "ALGOLIA_SEARCH_API_KEY"}) {
    EXPECT_TRUE(isPublicName(name)) << name;
    EXPECT_EQ(meaningOf(name).held, Held::Nothing) << name;
  }
  for (const std::string_view name : {"BRAVE_SEARCH_API_KEY", "SECRET_KEY", "BROWSERBASE_API_KEY"})
    EXPECT_FALSE(isPublicName(name)) << name;
  for (const std::string_view name : {"REPUBLIC_API_KEY", "WEBSITE_KEY", "UNIPUBLISHABLE_KEY"})
    EXPECT_FALSE(isPublicName(name)) << name;
}

}  // namespace
}  // namespace errand::rules

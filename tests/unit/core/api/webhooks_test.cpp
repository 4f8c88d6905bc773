#include "core/api/webhooks.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace errand::api {
namespace {

using nlohmann::json;

TEST(Webhooks, EachHasItsBundleOrNone) {
  const json configuration = {{"webhooks",
                               {{{"name", "a"}, {"clientConfig", {{"caBundle", "UEVN"}}}},
                                {{"name", "b"}, {"clientConfig", json::object()}}}}};
  EXPECT_THAT(caBundles(configuration).value(), testing::ElementsAre("PEM", ""));
}

TEST(Webhooks, AnUnreadableConfigurationIsNoEmptyOne) {
  const json configuration = {{"webhooks", {{{"name", "a"}, {"clientConfig", {{"caBundle", 1}}}}}}};
  EXPECT_FALSE(caBundles(configuration).has_value());
}

}  // namespace
}  // namespace errand::api

// AWS (IAM identifiers, base32), Google Cloud, Azure (Storage keys: 64 bytes in
// base64; client secrets: the identifiable form since 2021).
#include "webhook/literals/format.hpp"

namespace errand::webhook {

std::span<const Format> cloudFormats() {
  static const std::vector<Format> formats = {
      {.id = "aws-access-key-id",
       .issuer = "AWS",
       .what = "access key id",
       .pattern = R"(\b((?:AKIA|ASIA)[A-Z2-7]{16})\b)",
       .found = {"AKIA<b32*16>", "ASIA<b32*16>", "key=AKIA<b32*16>,region=eu-west-1"},
       .passed = {"AKIAIOSFODNN7EXAMPLE", "AKIA<b32*12>", "AKIA<b32*20>", "XAKIA<b32*16>",
                  "AKIAXXXXXXXXXXXXXXXX"}},
      {.id = "aws-secret-access-key",
       .issuer = "AWS",
       .what = "secret access key",
       .pattern =
           R"re((?i:secret[_-]?access[_-]?key|aws[_-]?secret[_-]?key)["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$))re",
       .found = {"AWS_SECRET_ACCESS_KEY=<b64*40>", "aws_secret_access_key: <b64*40>",
                 R"({"SecretAccessKey": "<b64*40>"})"},
       .passed = {"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                  "AWS_SECRET_ACCESS_KEY=$(FROM_FILE)", "GIT_COMMIT=<hex*40>",
                  "AWS_SECRET_ACCESS_KEY=<b64*64>"}},
      {.id = "google-api-key",
       .issuer = "Google",
       .what = "API key",
       .pattern = R"((?:^|[^0-9A-Za-z_-])(AIza[0-9A-Za-z_-]{35})(?:[^0-9A-Za-z_-]|$))",
       .found = {"AIza<url*35>", "https://maps.example.com/js?key=AIza<url*35>&v=3"},
       .passed = {"AIza<url*20>", "AIza<url*50>", "AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"}},
      {.id = "google-service-account",
       .issuer = "Google",
       .what = "service-account key",
       .pattern = R"re((\\?"private_key_id\\?"\s*:\s*\\?"[0-9a-f]{40})\\?")re",
       .found = {R"({"type": "service_account", "private_key_id": "<hex*40>", "private_key": "..."})",
                 R"({\"type\":\"service_account\",\"private_key_id\":\"<hex*40>\"})"},
       .passed = {R"({"type": "service_account", "private_key_id": "your-key-id"})",
                  "private_key_id=<hex*40>"}},
      {.id = "google-oauth-secret",
       .issuer = "Google",
       .what = "OAuth client secret",
       .pattern = R"((?:^|[^0-9A-Za-z_-])(GOCSPX-[0-9A-Za-z_-]{28})(?:[^0-9A-Za-z_-]|$))",
       .found = {"GOCSPX-<url*28>", "CLIENT_SECRET=GOCSPX-<url*28>"},
       .passed = {"GOCSPX-<url*10>", "GOCSPX-your-client-secret-here-0000"}},
      {.id = "azure-storage-key",
       .issuer = "Azure",
       .what = "storage account key",
       .pattern =
           R"re((?i:account_?key|storage_?key|storage_?access_?key)["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{86}==))re",
       .found = {"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=<b64*86>==;EndpointSuffix=core."
                 "windows.net",
                 "AZURE_STORAGE_KEY=<b64*86>==", "AZURE_STORAGE_ACCESS_KEY=<b64*76>+ASt<b64*5>Q=="},
       .passed = {"AccountKey=<b64*40>==", "SHA512=<b64*86>==", "AccountKey=$(STORAGE_KEY)"}},
      {.id = "azure-client-secret",
       .issuer = "Azure",
       .what = "client secret",
       .pattern =
           R"((?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34})(?:[^A-Za-z0-9_~.-]|$))",
       .found = {"<b62*3>8Q~<b62*34>", "AZURE_CLIENT_SECRET=<b62*3>8Q~<b62*34>", "<b62*3>7Q~<b62*31>"},
       .passed = {"<b62*3>8Q~<b62*10>", "<b62*40>", "<b62*3>8Q~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
  };
  return formats;
}

}  // namespace errand::webhook

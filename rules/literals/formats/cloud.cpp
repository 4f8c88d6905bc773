// Credentials of cloud providers: AWS, Google, Azure, Alibaba, Tencent, Yandex, Scaleway, UpCloud, Baidu.
#include <string>

#include "rules/literals/format.hpp"
#include "rules/literals/names.hpp"
#include "rules/literals/randomness.hpp"

namespace errand::rules {
namespace {

// False for words such as ASIAPACIFICNORTHEAST, which have the form of a key id: no digit, and PACIFIC or a
// compass word. A random id has no digit in 4 % of cases.
bool isNoRegion(std::string_view id, std::string_view) {
  if (id.find_first_of("234567") != std::string_view::npos) return true;
  return id.find("PACIFIC") == id.npos && id.find("NORTH") == id.npos && id.find("SOUTH") == id.npos;
}

bool isMixed(std::string_view key, std::string_view) { return looksRandom(key); }

// False if the text before the key names a key for browsers. Such a key is public, and is bound to a site
// (https://firebase.google.com/docs/projects/api-keys).
bool isNoBrowserKey(std::string_view, std::string_view before) {
  const std::string capitals = inCapitals(before);
  for (const std::string_view word : {"PUBLIC_", "FIREBASE", "MAPS", "BROWSER", "VITE_", "REACT_APP_",
                                      "VUE_APP_", "GATSBY_", "RECAPTCHA", "JS?KEY="})
    if (capitals.find(word) != std::string::npos) return false;
  return true;
}

}  // namespace

std::span<const Format> cloudFormats() {
  static const std::vector<Format> formats = {
      // An IAM identifier: its prefix names the kind, the rest is base32.
      {.id = "aws-access-key-id",
       .issuer = "AWS",
       .what = "access key id",
       .pattern = R"(\b((?:AKIA|ASIA)[A-Z2-7]{16})\b)",
       .anchors = {"akia", "asia"},
       .found = {"AKIA<b32*16>", "ASIA<b32*16>", "key=AKIA<b32*16>,region=eu-west-1"},
       .passed = {"AKIAIOSFODNN7EXAMPLE", "AKIA<b32*12>", "AKIA<b32*20>", "XAKIA<b32*16>",
                  "AKIAXXXXXXXXXXXXXXXX", "ASIAPACIFICNORTHEAST", "ASIAPACIFICSOUTHERN",
                  "ASIAPACIFICHEADOFFIC", "ASIANORTHEASTERNPART", "ASIASOUTHEASTERNPART"},
       .accept = isNoRegion},
      {.id = "aws-secret-access-key",
       .issuer = "AWS",
       .what = "secret access key",
       .pattern =
           R"re((?i:secret[_-]?access[_-]?key|(?:aws|s3|minio)[a-z_-]{0,20}secret(?:[_-]?key)?)["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$))re",
       .anchors = {"secret"},
       .found = {"AWS_SECRET_ACCESS_KEY=<b64*40>", "S3_SECRET_KEY=<b64*40>", "AWS_BEDROCK_SECRET=<b64*40>",
                 "aws_secret_access_key: <b64*40>", R"({"SecretAccessKey": "<b64*40>"})"},
       .passed = {"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                  "AWS_SECRET_ACCESS_KEY=$(FROM_FILE)", "GIT_COMMIT=<hex*40>",
                  "AWS_SECRET_ACCESS_KEY=<b64*64>", "AWS_SECRET_NAME_SHA1_OF_SECRET=<hex*40>"},
       .accept = isMixed},
      {.id = "google-api-key",
       .issuer = "Google",
       .what = "API key",
       .pattern = R"((?:^|[^0-9A-Za-z_-])(AIza[0-9A-Za-z_-]{35})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"aiza"},
       .found = {"AIza<url*35>", "GEMINI_API_KEY=AIza<url*35>", "x-goog-api-key: AIza<url*35>"},
       .passed = {"AIza<url*20>", "AIza<url*50>", "AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
                  "NEXT_PUBLIC_API_KEY=AIza<url*35>", "https://maps.example.com/js?key=AIza<url*35>&v=3",
                  "FIREBASE_API_KEY=AIza<url*35>", "MAPS_KEY=AIza<url*35>", "/api/js?key=AIza<url*35>"},
       .accept = isNoBrowserKey},
      {.id = "google-access-token",
       .issuer = "Google",
       .what = "OAuth access token",
       .pattern = R"((?:^|[^0-9A-Za-z_-])(ya29\.[0-9A-Za-z_.-]{40,}))",
       .anchors = {"ya29."},
       .found = {"ya29.<url*60>", "Authorization: Bearer ya29.a0<url*160>"},
       .passed = {"ya29.<url*10>", "ya29.your-token", "maya29.<url*60>"}},
      {.id = "google-refresh-token",
       .issuer = "Google",
       .what = "OAuth refresh token",
       .pattern = R"((?:^|[^0-9A-Za-z_/:-])(1//0[0-9A-Za-z_-]{40,100})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"1//0"},
       .found = {"1//0<url*60>", "REFRESH=1//0<url*98>"},
       .passed = {"1//0<url*10>", "http://1//0your-token-here"}},
      {.id = "google-service-account",
       .issuer = "Google",
       .what = "service-account key",
       .pattern = R"re((\\?"private_key_id\\?"\s*:\s*\\?"[0-9a-f]{40})\\?")re",
       .anchors = {"\"private_key_id"},
       .found = {R"({"type": "service_account", "private_key_id": "<hex*40>", "private_key": "..."})",
                 R"({\"type\":\"service_account\",\"private_key_id\":\"<hex*40>\"})"},
       .passed = {R"({"type": "service_account", "private_key_id": "your-key-id"})",
                  "private_key_id=<hex*40>"}},
      {.id = "google-oauth-secret",
       .issuer = "Google",
       .what = "OAuth client secret",
       .pattern = R"((?:^|[^0-9A-Za-z_-])(GOCSPX-[0-9A-Za-z_-]{28})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"gocspx-"},
       .found = {"GOCSPX-<url*28>", "CLIENT_SECRET=GOCSPX-<url*28>"},
       .passed = {"GOCSPX-<url*10>", "GOCSPX-your-client-secret-here-0000"}},
      // 64 bytes in base64.
      {.id = "azure-storage-key",
       .issuer = "Azure",
       .what = "storage account key",
       .pattern =
           R"re((?i:account_?key|storage_?key|storage_?access_?key)["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{86}==))re",
       .anchors = {"key"},
       .found = {"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=<b64*86>==;EndpointSuffix=core."
                 "windows.net",
                 "AZURE_STORAGE_KEY=<b64*86>==", "AZURE_STORAGE_ACCESS_KEY=<b64*76>+ASt<b64*5>Q=="},
       .passed = {"AccountKey=<b64*40>==", "SHA512=<b64*86>==", "AccountKey=$(STORAGE_KEY)"}},
      // The identifiable form, which Azure issues since 2021.
      {.id = "azure-client-secret",
       .issuer = "Azure",
       .what = "client secret",
       .pattern =
           R"((?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34})(?:[^A-Za-z0-9_~.-]|$))",
       .anchors = {"0q~", "1q~", "2q~", "3q~", "4q~", "5q~", "6q~", "7q~", "8q~", "9q~"},
       .found = {"<b62*3>8Q~<b62*34>", "AZURE_CLIENT_SECRET=<b62*3>8Q~<b62*34>", "<b62*3>7Q~<b62*31>"},
       .passed = {"<b62*3>8Q~<b62*10>", "<b62*40>", "<b62*3>8Q~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "azure-shared-access-key",
       .issuer = "Azure",
       .what = "shared access key",
       .pattern = R"re((?i:shared_?access_?key)["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{43}=))re",
       .anchors = {"access"},
       .found =
           {"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey=<b64*43>=",
            "SHARED_ACCESS_KEY=<b64*43>="},
       .passed = {"SharedAccessKey=<b64*20>=", "SharedAccessKeyName=RootManageSharedAccessKey",
                  "SharedAccessKey=$(KEY)"}},
      {.id = "azure-shared-access-signature",
       .issuer = "Azure",
       .what = "shared access signature",
       .pattern =
           R"(s[evprt]=[^\s"']{1,400}?&(?:amp;)?sig=([0-9A-Za-z/+]{10}[0-9A-Za-z%/+]{30,70}(?:%3[Dd]|=)))",
       .anchors = {"sig="},
       .found = {"https://a.blob.core.windows.net/c?sv=2024-11-04&se=2027-01-01&sr=c&sp=r&sig=<b62*43>%3D",
                 "?sv=2024-11-04&ss=b&sig=<b62*12>%2B<b62*30>="},
       .passed = {"?sv=2024-11-04&sig=short%3D", "https://example.com/?sig=<b62*43>%3D"}},
      {.id = "alibaba-access-key-id",
       .issuer = "Alibaba Cloud",
       .what = "access key id",
       .pattern = R"(\b(LTAI[0-9A-Za-z]{20})\b)",
       .anchors = {"ltai"},
       .found = {"LTAI<b62*20>", "ALIBABA_CLOUD_ACCESS_KEY_ID=LTAI<b62*20>"},
       .passed = {"LTAI<b62*8>", "LTAIxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "tencent-secret-id",
       .issuer = "Tencent Cloud",
       .what = "secret id",
       .pattern = R"(\b(AKID[0-9A-Za-z]{32})\b)",
       .anchors = {"akid"},
       .found = {"AKID<b62*32>", "TENCENTCLOUD_SECRET_ID=AKID<b62*32>"},
       .passed = {"AKID<b62*12>", "AKIDxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "aws-session-token",
       .issuer = "AWS",
       .what = "session token",
       .pattern = R"(((?:IQoJb3JpZ2lu|FwoGZXIvYXdz)[0-9A-Za-z+/]{100,}={0,2})(?:[^0-9A-Za-z+/=]|$))",
       .anchors = {"iqojb3jpz2lu", "fwogzxivyxdz"},
       .found = {"IQoJb3JpZ2luX2Vj<b64*300>=", "AWS_SESSION_TOKEN=FwoGZXIvYXdzE<b64*300>"},
       .passed = {"IQoJb3JpZ2luX2Vj<b64*20>", "SESSION=<b64*40>"},
       .placeholders = false},
      {.id = "bedrock-key",
       .issuer = "AWS Bedrock",
       .what = "API key",
       .pattern =
           R"(\b(ABSK[0-9A-Za-z+/]{109,269}={0,2}|bedrock-api-key-[0-9A-Za-z+/=_-]{100,})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"absk", "bedrock-api-key-"},
       .found = {"ABSKQmVkcm9ja0FQSUtleS<b64*110>=", "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t<b64*300>"},
       .passed = {"ABSKQmVkcm9ja0FQSUtleS<b64*8>=", "bedrock-api-key-your-key-here"},
       .placeholders = false},
      {.id = "aws-service-token",
       .issuer = "AWS",
       .what = "service token",
       .pattern =
           R"(\b(da2-[0-9a-z]{26}|amzn\.mws\.[0-9a-f-]{36}|amzn1\.oa2-cs\.v1\.[0-9a-f]{64})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"amzn", "da2-"},
       .found = {"da2-<low*26>", "amzn.mws.<hex*8>-<hex*4>-<hex*4>-<hex*4>-<hex*12>",
                 "amzn1.oa2-cs.v1.<hex*64>"},
       .passed = {"da2-<low*8>", "amzn1.oa2-cs.v1.<hex*8>"}},
      {.id = "google-express-key",
       .issuer = "Google",
       .what = "API key",
       .pattern = R"((?:^|[^0-9A-Za-z_.-])(AQ\.[0-9A-Za-z_-]{45,60})(?:[^0-9A-Za-z_.-]|$))",
       .anchors = {"aq."},
       .found = {"AQ.Ab8<url*47>", "GOOGLE_KEY=AQ.Ab8<url*47>"},
       .passed = {"AQ.<url*20>", "FAQ.<url*50>"}},
      {.id = "google-hmac-id",
       .issuer = "Google",
       .what = "HMAC access id",
       .pattern = R"(\b(GOOG1E[0-9A-Z]{55}|GOOG[0-9A-Z]{20})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"goog"},
       .found = {"GOOG1E<b32*55>", "ID=GOOG<b32*20>"},
       .passed = {"GOOG1E<b32*8>", "GOOGLE_APPLICATION_CREDENTIALS"}},
      {.id = "azure-identifiable-key",
       .issuer = "Azure",
       .what = "key",
       .pattern =
           R"((?:^|[^0-9A-Za-z+/_-])([0-9A-Za-z+/_-]{42,44}(?:AzFu|AzSe|AzCa|\+ACR|AzIx)[0-9A-Za-z+/_=-]{6,10}|[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}|[0-9A-Za-z]{52}JQQJ99[0-9A-Za-z]{18,30})(?:[^0-9A-Za-z+/_=-]|$))",
       .anchors = {"azfu", "azse", "azca", "+acr", "azix", "azdo", "jqqj99"},
       .found = {"<b62*76>AZDO<b62*4>", "<b62*52>JQQJ99<b62*26>", "<b62*42>+ACR<b62*6>",
                 "<b62*44>AzFu<b62*5>Q==", "<b62*42>AzSe<b62*6>"},
       .passed = {"<b62*20>AZDO<b62*4>", "<b62*20>+ACR<b62*6>"}},
      {.id = "azure-connection-secret",
       .issuer = "Azure",
       .what = "connection string's secret",
       .pattern =
           R"re((?i:endpoint=[^\s"']{1,400}?;(?:accesskey|secret))=([0-9A-Za-z+/]{43,88}={0,2})(?:[^0-9A-Za-z+/=]|$))re",
       .anchors = {"endpoint="},
       .found = {"Endpoint=https://acme.azconfig.io;Id=<b62*4>-l0-s0:<b62*20>;Secret=<b64*43>=",
                 "Endpoint=https://acme.service.signalr.net;AccessKey=<b64*43>=;Version=1.0;"},
       .passed = {"Endpoint=https://acme.azconfig.io;Secret=$(SECRET)",
                  "Endpoint=https://acme.azconfig.io;Id=<b62*20>"}},
      {.id = "yandex-secret",
       .issuer = "Yandex Cloud",
       .what = "API key or token",
       .pattern =
           R"(\b(AQVN[0-9A-Za-z_-]{35,38}|t1\.[0-9A-Za-z_-]{100,300}\.[0-9A-Za-z_-]{86})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"aqvn", "t1."},
       .found = {"AQVN<url*36>", "t1.<url*160>.<url*86>"},
       .passed = {"AQVN<url*8>", "t1.<url*8>.<url*8>"}},
      {.id = "scaleway-access-key",
       .issuer = "Scaleway",
       .what = "access key",
       .pattern = R"(\b(SCW[0-9A-Z]{17})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"scw"},
       .found = {"SCW<b32*17>", "SCW_ACCESS_KEY=SCW<b32*17>"},
       .passed = {"SCW<b32*8>", "SCWXXXXXXXXXXXXXXXXX"}},
      {.id = "upcloud-token",
       .issuer = "UpCloud",
       .what = "API token",
       .pattern = R"(\b(ucat_[0-9A-Z]{26})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"ucat_"},
       .found = {"ucat_<b32*26>"},
       .passed = {"ucat_<b32*8>", "ucat_XXXXXXXXXXXXXXXXXXXXXXXXXX"}},
      {.id = "baidu-key",
       .issuer = "Baidu AI Cloud",
       .what = "API key",
       .pattern = R"((bce-v3/ALTAK-[0-9A-Za-z]{15,30}/[0-9a-f]{40})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"bce-v3/altak-"},
       .found = {"bce-v3/ALTAK-<b62*21>/<hex*40>"},
       .passed = {"bce-v3/ALTAK-<b62*21>/<hex*8>", "bce-v3/ALTAK-your-key/secret"}},
  };
  return formats;
}

}  // namespace errand::rules

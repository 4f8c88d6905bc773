// GitHub (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/)
// and GitLab (https://docs.gitlab.com/security/tokens/, table of prefixes).
#include <cstdint>
#include <string>

#include "rules/literals/format.hpp"
#include "rules/literals/randomness.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Returns the CRC-32 of zlib and Ethernet (reflected, polynomial 0xEDB88320).
std::uint32_t crc32(std::string_view data) {
  std::uint32_t crc = ~0u;
  for (const unsigned char c : data) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

// True if the last 6 of the 36 characters after the prefix are the CRC-32 of the 30 before them, in base 62.
bool hasGitHubChecksum(std::string_view token, std::string_view) {
  const std::string_view body = token.substr(token.find('_') + 1);
  std::uint32_t left = crc32(body.substr(0, 30));
  for (size_t i = 36; i-- > 30; left /= 62)
    if (body[i] != kBase62[left % 62]) return false;
  return true;
}

// True if the part behind the first hyphen is no words. GitLab's routable tokens, and its tokens of 20
// characters, are random.
bool isNoWord(std::string_view token, std::string_view) {
  return !looksLikeWords(token.substr(token.find('-') + 1));
}

}  // namespace

std::span<const Format> codeHostFormats() {
  static const std::vector<Format> formats = {
      {.id = "github-token",
       .issuer = "GitHub",
       .what = "personal access token",
       .pattern = R"(\b(ghp_[0-9A-Za-z]{36})\b)",
       .anchors = {"ghp_"},
       .found = {"ghp_<b62*30><crc>", "https://x:ghp_<b62*30><crc>@github.com/acme/app.git"},
       .passed = {"ghp_<b62*36>", "ghp_<b62*20>", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
       .accept = hasGitHubChecksum},
      {.id = "github-app-token",
       .issuer = "GitHub",
       .what = "app or OAuth token",
       .pattern = R"(\b(gh[orsu]_[0-9A-Za-z]{36})\b)",
       .anchors = {"gho_", "ghr_", "ghs_", "ghu_"},
       .found = {"ghs_<b62*30><crc>", "gho_<b62*30><crc>", "ghu_<b62*30><crc>", "ghr_<b62*30><crc>"},
       .passed = {"ghs_<b62*36>", "ghx_<b62*30><crc>"},
       .accept = hasGitHubChecksum},
      {.id = "github-fine-grained-token",
       .issuer = "GitHub",
       .what = "fine-grained personal access token",
       .pattern = R"(\b(github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59})\b)",
       .anchors = {"github_pat_"},
       .found = {"github_pat_<b62*22>_<b62*59>", "GITHUB_TOKEN=github_pat_<b62*22>_<b62*59>"},
       .passed = {"github_pat_<b62*22>", "github_pat_xxxxxxxxxxxxxxxxxxxxxx_<b62*59>"}},
      {.id = "gitlab-token",
       .issuer = "GitLab",
       .what = "access token",
       .pattern =
           R"(\b((?:glpat|gldt|glrt|glcbt|glsoat|glagent|glft|glffct)-[0-9A-Za-z_=-]{20,}(?:\.[0-9a-z]{2,9}){0,2}))",
       .anchors = {"glagent-", "glcbt-", "gldt-", "glffct-", "glft-", "glpat-", "glrt-", "glsoat-"},
       .found = {"glpat-<url*20>", "GITLAB_TOKEN=glpat-<url*27>.01.<low*9>", "glrt-<url*20>",
                 "gldt-<url*20>"},
       .passed = {"glpat-<url*8>", "glpat-xxxxxxxxxxxxxxxxxxxx", "glpat-$(GITLAB_TOKEN)",
                  "glpat-this-is-not-a-real-token", "glpat-Put-Your-Token-In-Here"},
       .accept = isNoWord},
      {.id = "bitbucket-app-password",
       .issuer = "Bitbucket",
       .what = "app password",
       .pattern = R"(\b(ATBB[0-9A-Za-z]{32})\b)",
       .anchors = {"atbb"},
       .found = {"ATBB<b62*32>", "BITBUCKET_TOKEN=ATBB<b62*32>"},
       .passed = {"ATBB<b62*12>", "ATBBxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "atlassian-token",
       .issuer = "Atlassian",
       .what = "API token",
       .pattern = R"(\b(ATATT3[0-9A-Za-z_=-]{180,220}))",
       .anchors = {"atatt3"},
       .found = {"ATATT3<url*186>", "JIRA_API_TOKEN=ATATT3<url*186>"},
       .passed = {"ATATT3<url*40>", "ATATT3-your-token"}},
      {.id = "gitlab-lower-case-token",
       .issuer = "GitLab",
       .what = "token",
       .pattern =
           R"(\b((?:glptt|glimt|gloas)-(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-z]{25}))(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"glimt-", "gloas-", "glptt-"},
       .found = {"glptt-<hex*40>", "glimt-<low*25>", "gloas-<hex*64>"},
       .passed = {"glptt-<hex*8>", "glimt-your-token-here",
                  "gloas-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "gitlab-registration-token",
       .issuer = "GitLab",
       .what = "runner registration token",
       .pattern = R"(\b(GR1348941[0-9A-Za-z_-]{20})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"gr1348941"},
       .found = {"GR1348941<url*20>"},
       .passed = {"GR1348941<url*8>", "GR1348941xxxxxxxxxxxxxxxxxxxx"}},
      {.id = "bitbucket-access-token",
       .issuer = "Bitbucket",
       .what = "access token",
       .pattern = R"(\b(ATCTT3[0-9A-Za-z_=-]{180,220}))",
       .anchors = {"atctt3"},
       .found = {"ATCTT3xFfGN0<url*171>=<dec*8>"},
       .passed = {"ATCTT3<url*40>", "ATCTT3-your-token"}},
      {.id = "sourcegraph-token",
       .issuer = "Sourcegraph",
       .what = "access token",
       .pattern = R"(\b(sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"sgp_"},
       .found = {"sgp_<hex*16>_<hex*40>", "sgp_<hex*40>"},
       .passed = {"sgp_<hex*8>", "sgp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "jetbrains-token",
       .issuer = "JetBrains",
       .what = "permanent token",
       .pattern =
           R"(\b(perm[-:][0-9A-Za-z+/]{8,60}={0,2}\.[0-9A-Za-z+/-]{4,60}={0,2}\.[0-9A-Za-z]{20,50})(?:[^0-9A-Za-z_-]|$))",
       .anchors = {"perm-", "perm:"},
       .found = {"perm-<b62*16>=.<b62*8>=.<b62*30>", "perm:<b62*16>.<b62*8>.<b62*30>"},
       .passed = {"perm-<b62*16>", "perm:rw.user.group"}},
  };
  return formats;
}

}  // namespace errand::rules

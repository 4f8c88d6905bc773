// Keys and tokens of any issuer: private keys in PEM (RFC 7468) and JSON Web Tokens (RFC 7519), such as those
// of Kubernetes service accounts.
#include "core/base/crypto.hpp"
#include "rules/literals/format.hpp"
#include "rules/literals/names.hpp"

namespace errand::rules {
namespace {

// True if a token has a JOSE header, which has "alg" (RFC 7515, section 4.1.1). Other base64url text often
// begins with "eyJ" as well. False under the name of Supabase's anonymous key, which is made for browsers.
bool hasJoseHeader(std::string_view token, std::string_view before) {
  if (inCapitals(before).ends_with("ANON_KEY=")) return false;
  const auto header = base64UrlDecode(token.substr(0, token.find('.')));
  return header && header->find("\"alg\"") != std::string::npos;
}

}  // namespace

std::span<const Format> keyFormats() {
  static const std::vector<Format> formats = {
      {.id = "pem-private-key",
       .issuer = "PEM",
       .what = "private key",
       .pattern =
           R"((-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?s:.{0,120}?)[0-9A-Za-z+/=]{40}[^-]*))",
       .anchors = {"private key"},
       .found = {"-----BEGIN PRIVATE KEY-----\n<b64*64>\n<b64*40>\n-----END PRIVATE KEY-----\n",
                 R"(-----BEGIN RSA PRIVATE KEY-----\n<b64*64>\n-----END RSA PRIVATE KEY-----\n)",
                 "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA<b64*64>\n-----END OPENSSH "
                 "PRIVATE KEY-----",
                 "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                 "AES-256-CBC,<hex*32>\n\n<b64*64>\n",
                 "-----BEGIN EC PRIVATE KEY----- <b64*64> -----END EC PRIVATE KEY-----"},
       .passed = {"-----BEGIN PUBLIC KEY-----\n<b64*64>\n-----END PUBLIC KEY-----",
                  "-----BEGIN CERTIFICATE-----\n<b64*64>\n-----END CERTIFICATE-----",
                  "-----BEGIN PRIVATE KEY-----\n$(KEY)\n-----END PRIVATE KEY-----",
                  "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"},
       .placeholders = false},
      {.id = "pem-private-key-base64",
       .issuer = "PEM in base64",
       .what = "private key",
       // Base64 of "-----BEGIN ", and then of the beginning of "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE
       // KEY", "OPENSSH PRIVATE KEY" or "ENCRYPTED PRIVATE KEY".
       .pattern =
           R"((LS0tLS1CRUdJTi(?:BQUklWQVRFIEtF|BSU0EgUFJJVkFURS|BFQyBQUklWQVRF|BPUEVOU1NIIFBSSVZBVE|BFTkNSWVBURUQgUFJJVkFURS)[0-9A-Za-z+/]{40,}={0,2}))",
       .anchors = {"ls0tls1crudjti"},
       .found = {"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk<b64*80>",
                 "key: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo<b64*80>=="},
       .passed = {"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk<b64*80>",
                  "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K<b64*80>"},
       .placeholders = false},
      {.id = "tool-private-key",
       .issuer = "PuTTY or WireGuard",
       .what = "private key",
       .pattern =
           R"((?:PuTTY-User-Key-File-[23]:(?s:.*?)Private-Lines: [0-9]+\s+|\bPrivateKey\s*=\s*)([0-9A-Za-z+/]{42,64}={0,2})(?:\s|$))",
       .anchors = {"putty-user-key-file-", "privatekey"},
       .found =
           {"[Interface]\nPrivateKey = <b64*43>=\nAddress = 10.0.0.2/32",
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n<b64*48>\nPrivate-MAC"},
       .passed = {"[Peer]\nPublicKey = <b64*43>=\n", "PrivateKey = $(KEY)"},
       .placeholders = false},
      {.id = "json-web-token",
       .issuer = "JWT",
       .what = "token",
       .pattern = R"((eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}))",
       .anchors = {".eyj"},
       .found = {"eyJhbGciOiJSUzI1NiJ9.eyJ<url*60>.<url*86>",
                 "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ<url*60>.<url*43>"},
       .passed = {"eyJhbGciOiJSUzI1NiJ9.eyJ<url*60>",
                  "eyJmb28iOiJiYXIifQ==", "eyJmb28iOiAiYmFyIn0.eyJ<url*60>.<url*43>",
                  "SUPABASE_ANON_KEY=eyJhbGciOiJIUzI1NiJ9.eyJ<url*60>.<url*43>"},
       .accept = hasJoseHeader,
       .placeholders = false},
  };
  return formats;
}

}  // namespace errand::rules

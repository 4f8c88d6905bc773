// Kubeconfig files and in-cluster configuration: what is read, and what is refused.
#include "core/kube/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "core/base/crypto.hpp"

namespace errand::kube {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : dir_(fs::temp_directory_path() / ("errand-config-" + std::to_string(getpid()))) {
    fs::create_directories(dir_);
  }
  ~ConfigTest() override { fs::remove_all(dir_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(dir_ / name) << text; }

  static std::string yaml(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
           "contexts: [{name: other, context: {cluster: x, user: y}},"
           " {name: here, context: {cluster: c, user: u, namespace: team}}]\n"
           "clusters: [{name: c, cluster: {" +
           cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n";
  }
  std::string whyNot(const std::string& cluster, const std::string& user) const {
    const auto config = parseKubeconfig(yaml(cluster, user), dir_);
    if (config) return "";
    EXPECT_EQ(config.error().kind, ErrorKind::Invalid);
    return config.error().message;
  }

  fs::path dir_;
};

TEST_F(ConfigTest, ReadsDataBeforeFilesAndResolvesRelativePaths) {
  write("ca.pem", "from file");
  write("key.pem", "key");
  const auto config = parseKubeconfig(yaml("server: 'https://10.0.0.1:6443/', certificate-authority: ca.pem",
                                           "client-certificate: missing.pem, client-certificate-data: " +
                                               base64Encode("cert") + ", client-key: key.pem"),
                                      dir_);
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->server, "https://10.0.0.1:6443");
  EXPECT_EQ(config->caPem, "from file");
  EXPECT_EQ(config->clientCertificatePem, "cert");
  EXPECT_EQ(config->clientKeyPem.reveal(), "key");
  EXPECT_EQ(config->ns, "team");
}

TEST_F(ConfigTest, Tokens) {
  const auto config = parseKubeconfig(yaml("server: 'https://h'", "token: abc, tokenFile: t"), dir_);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->token.reveal(), "abc");
  EXPECT_EQ(config->tokenFile, dir_ / "t");
}

TEST_F(ConfigTest, RefusesWhatWouldWeakenOrChangeTheConnection) {
  EXPECT_THAT(whyNot("server: 'http://h'", "token: a"), HasSubstr("is not an https:// URL"));
  EXPECT_THAT(whyNot("server: 'https://user:pw@h'", ""), HasSubstr("has a user"));
  EXPECT_THAT(whyNot("server: 'https://[::1]:6443'", ""), HasSubstr("use a DNS name"));
  EXPECT_THAT(whyNot("server: 'https://h', insecure-skip-tls-verify: true", ""),
              HasSubstr("set certificate-authority"));
  EXPECT_EQ(whyNot("server: 'https://h', insecure-skip-tls-verify: false", ""), "");
  EXPECT_THAT(whyNot("server: 'https://h', proxy-url: 'http://p'", ""), HasSubstr("cluster.proxy-url"));
  EXPECT_THAT(whyNot("server: 'https://h', tls-server-name: x", ""), HasSubstr("cluster.tls-server-name"));
  EXPECT_THAT(whyNot("server: 'https://h'", "exec: {command: x}"),
              HasSubstr("use tokenFile or a client certificate"));
  EXPECT_THAT(whyNot("server: 'https://h'", "auth-provider: {name: x}"), HasSubstr("user.auth-provider"));
  EXPECT_THAT(whyNot("server: 'https://h'", "username: a, password: b"), HasSubstr("user.username"));
  EXPECT_THAT(whyNot("server: 'https://h'", "as: admin"), HasSubstr("impersonation"));
  EXPECT_THAT(whyNot("server: 'https://h'", "client-key-data: YQ=="), HasSubstr("go together"));
}

TEST_F(ConfigTest, BrokenFilesSayWhereAndQuoteNothing) {
  const auto broken = parseKubeconfig("a: b\ntoken: [SECRET\n", dir_);
  ASSERT_FALSE(broken.has_value());
  EXPECT_THAT(broken.error().message, HasSubstr("not valid YAML at line"));
  EXPECT_THAT(broken.error().message, testing::Not(HasSubstr("SECRET")));
  EXPECT_THAT(parseKubeconfig("[]", dir_).error().message, HasSubstr("not a map"));
  EXPECT_THAT(parseKubeconfig("a: b", dir_).error().message, HasSubstr("current-context"));
  EXPECT_THAT(parseKubeconfig("{current-context: x, contexts: []}", dir_).error().message,
              HasSubstr("contexts has no entry named \"x\""));
  EXPECT_EQ(load(dir_ / "absent").error().kind, ErrorKind::NotFound);
}

TEST_F(ConfigTest, InCluster) {
  write("ca.crt", "CA");
  write("token", "T");
  write("namespace", "mine\n");
  const auto config = inClusterConfig(dir_, "10.0.0.1", "443");
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->server, "https://10.0.0.1:443");
  EXPECT_EQ(config->caPem, "CA");
  EXPECT_EQ(config->tokenFile, dir_ / "token");
  EXPECT_EQ(config->ns, "mine");
  EXPECT_EQ(inClusterConfig(dir_, "fd00::1", "443")->server, "https://kubernetes.default.svc:443");
  EXPECT_THAT(inClusterConfig(dir_, "", "").error().message, HasSubstr("name a kubeconfig file"));
  fs::remove(dir_ / "token");
  EXPECT_FALSE(inClusterConfig(dir_, "10.0.0.1", "443").has_value());
}

}  // namespace
}  // namespace errand::kube

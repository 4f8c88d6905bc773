// Kubeconfig files and in-cluster configuration: what is read, and what is refused.
#include "core/kube/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fmt/format.h>

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
  Result<Config> parse(const std::string& text, const Source& source = {}) const {
    return parseKubeconfigs({{text, dir_ / "kubeconfig"}}, source);
  }
  std::string whyNot(const std::string& cluster, const std::string& user) const {
    const auto config = parse(yaml(cluster, user));
    if (config) return "";
    EXPECT_EQ(config.error().kind, ErrorKind::Invalid);
    return config.error().message;
  }

  fs::path dir_;
};

TEST_F(ConfigTest, ReadsDataBeforeFilesAndResolvesRelativePaths) {
  write("ca.pem", "from file");
  write("key.pem", "key");
  const auto config =
      parse(yaml("server: 'https://10.0.0.1:6443/', certificate-authority: ca.pem",
                 "client-certificate: missing.pem, client-certificate-data: " + base64Encode("cert") +
                     ", client-key: key.pem"));
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->server, "https://10.0.0.1:6443");
  EXPECT_EQ(config->caPem, "from file");
  EXPECT_EQ(config->clientCertificatePem, "cert");
  EXPECT_EQ(config->clientKeyPem.reveal(), "key");
  EXPECT_EQ(config->ns, "team");
}

TEST_F(ConfigTest, Tokens) {
  const auto config = parse(yaml("server: 'https://h'", "token: abc, tokenFile: t"));
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->token.reveal(), "abc");
  EXPECT_EQ(config->tokenFile, dir_ / "t");
}

TEST_F(ConfigTest, RefusesWhatWouldWeakenOrChangeTheConnection) {
  EXPECT_THAT(whyNot("server: 'http://h'", "token: a"), HasSubstr("is not an https:// URL"));
  EXPECT_THAT(whyNot("server: 'https://user:pw@h'", ""), HasSubstr("a user, a query or a fragment"));
  EXPECT_THAT(whyNot("server: 'http://user:SECRET@h'", ""), testing::Not(HasSubstr("SECRET")));
  EXPECT_THAT(whyNot("server: 'https://[::1]:6443'", ""), HasSubstr("use a DNS name"));
  EXPECT_THAT(whyNot("server: 'https://h', insecure-skip-tls-verify: true", ""),
              HasSubstr("set certificate-authority"));
  EXPECT_EQ(whyNot("server: 'https://h', insecure-skip-tls-verify: false", ""), "");
  EXPECT_THAT(whyNot("server: 'https://h', proxy-url: 'http://p'", ""), HasSubstr("cluster.proxy-url"));
  EXPECT_THAT(whyNot("server: 'https://h', tls-server-name: 'x:1'", ""),
              HasSubstr("cluster.tls-server-name"));
  EXPECT_THAT(whyNot("server: 'https://h'", "auth-provider: {name: x}"), HasSubstr("user.auth-provider"));
  EXPECT_THAT(whyNot("server: 'https://h'", "username: a, password: b"), HasSubstr("user.username"));
  EXPECT_THAT(whyNot("server: 'https://h'", "as: admin"), HasSubstr("impersonation"));
  EXPECT_THAT(whyNot("server: 'https://h'", "client-key-data: YQ=="), HasSubstr("go together"));
}

TEST_F(ConfigTest, BrokenFilesSayWhereAndQuoteNothing) {
  const auto broken = parse("a: b\ntoken: [SECRET\n");
  ASSERT_FALSE(broken.has_value());
  EXPECT_THAT(broken.error().message, HasSubstr("not valid YAML at line"));
  EXPECT_THAT(broken.error().message, testing::Not(HasSubstr("SECRET")));
  EXPECT_THAT(parse("[]").error().message, HasSubstr("not a map"));
  EXPECT_THAT(parse("a: b").error().message, HasSubstr("current-context"));
  EXPECT_THAT(parse("{current-context: x, contexts: []}").error().message,
              HasSubstr("contexts has no entry named \"x\""));
  EXPECT_EQ(load({.kubeconfig = dir_ / "absent"}).error().kind, ErrorKind::NotFound);
}

TEST_F(ConfigTest, AnotherContextAndTheNameOfTheCertificate) {
  const std::string text = yaml("server: 'https://h', tls-server-name: kube", "token: abc");
  EXPECT_EQ(parse(text)->tlsServerName, "kube");
  EXPECT_THAT(parse(text, {.context = "other"}).error().message, HasSubstr("named \"x\""));
  EXPECT_THAT(parse(text, {.context = "none"}).error().message, HasSubstr("named \"none\""));
}

TEST_F(ConfigTest, UnverifiedConnectionsOnlyWhereAskedFor) {
  const std::string text = yaml("server: 'https://h', insecure-skip-tls-verify: true", "");
  EXPECT_THAT(parse(text).error().message, HasSubstr("--insecure-skip-tls-verify"));
  EXPECT_TRUE(parse(text, {.insecureSkipTlsVerify = true})->insecureSkipTlsVerify);
}

TEST_F(ConfigTest, TheFirstFileWinsAnEntryAndTheCurrentContext) {
  fs::create_directories(dir_ / "one");
  fs::create_directories(dir_ / "two");
  write("two/ca.pem", "CA of two");
  write("one/config",
        "current-context: a\nusers: [{name: u, user: {tokenFile: t}}]\n"
        "contexts: [{name: a, context: {cluster: c, user: u}}]");
  write("two/config",
        "current-context: b\nusers: [{name: u, user: {tokenFile: x, client-key-data: YQ==}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: ca.pem}}]");
  const std::string list = ":" + (dir_ / "absent").string() + ":" + (dir_ / "one/config").string() + ":" +
                           (dir_ / "two/config").string();
  const auto config = load({}, {.serviceHost = "", .servicePort = "", .kubeconfig = list});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->tokenFile, dir_ / "one/t");
  EXPECT_EQ(config->caPem, "CA of two");
  EXPECT_FALSE(config->inCluster);
}

TEST_F(ConfigTest, WhereTheConfigurationComesFrom) {
  const Environment pod{.serviceHost = "10.0.0.1", .servicePort = "", .kubeconfig = "/absent"};
  EXPECT_THAT(load({}, pod).error().message, HasSubstr("KUBERNETES_SERVICE_PORT"));
  EXPECT_THAT(load({.context = "x"}, pod).error().message, HasSubstr("--context"));
  EXPECT_THAT(load({}, {.serviceHost = "", .servicePort = "", .kubeconfig = "/absent"}).error().message,
              HasSubstr("none of its files"));
  EXPECT_THAT(load({}, {}).error().message, HasSubstr("--kubeconfig FILE"));
  write("named", yaml("server: 'https://h'", ""));
  EXPECT_EQ(load({.kubeconfig = dir_ / "named"}, pod)->server, "https://h");
}

TEST_F(ConfigTest, ExecPlugins) {
  const std::string head = "exec: {apiVersion: client.authentication.k8s.io/";
  const auto config =
      parse(yaml("server: 'https://h'", head + "v1, command: bin/p, args: [a], env: [{name: N, value: v}], "
                                               "interactiveMode: Never, provideClusterInfo: true}"));
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->exec->command, dir_ / "bin/p");
  EXPECT_EQ(config->exec->args, std::vector<std::string>{"a"});
  EXPECT_TRUE(config->exec->provideClusterInfo);
  const std::string server = "server: 'https://h'";
  EXPECT_EQ(whyNot(server, head + "v1beta1, command: p}"), "");
  EXPECT_THAT(whyNot(server, head + "v1alpha1, command: p}"), HasSubstr("user.exec.apiVersion"));
  EXPECT_THAT(whyNot(server, head + "v1, command: p}"), HasSubstr("interactiveMode: not set"));
  EXPECT_THAT(whyNot(server, head + "v1, command: p, interactiveMode: Always}"), HasSubstr("no terminal"));
  EXPECT_THAT(whyNot(server, head + "v1beta1}"), HasSubstr("user.exec.command"));
  EXPECT_THAT(whyNot(server, "token: SECRET, " + head + "v1beta1, command: p}"), HasSubstr("exclude"));
}

TEST_F(ConfigTest, HostileYamlEndsSoon) {
  std::string laughs = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) laughs += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  EXPECT_THAT(parse(laughs).error().message, HasSubstr("100 YAML aliases"));
  EXPECT_THAT(parse("a: " + std::string(100'000, '[')).error().message, HasSubstr("not valid YAML"));
  EXPECT_THAT(parse("users: &u [*u]\ncurrent-context: x").error().message, HasSubstr("no entry"));
  EXPECT_THAT(
      parse("current-context: x\ncontexts: [{name: x, context: {}}, {name: x, context: {}}]").error().message,
      HasSubstr("two entries"));
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

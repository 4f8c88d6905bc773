#include "rules/literals/prefilter.hpp"

#include <gmock/gmock.h>
#include <re2/filtered_re2.h>
#include <re2/set.h>

#include <map>
#include <memory>

#include "rules/literals/scanner.hpp"
#include "tests/unit/rules/literals/growth.hpp"
#include "tests/unit/rules/literals/sample.hpp"

namespace errand::rules {
namespace {

const Prefilter& prefilter() {
  static const Prefilter filter(Scanner::instance().formats());
  return filter;
}

// RE2's own analysis of a pattern: which literals ("atoms", in lower case) must stand in what it matches.
class Atoms {
 public:
  explicit Atoms(std::string_view pattern) : filter_(1) {
    RE2::Options options;
    options.set_encoding(RE2::Options::EncodingLatin1);
    int id = 0;
    filter_.Add(re2::StringPiece(pattern.data(), pattern.size()), options, &id);
    filter_.Compile(&atoms_);
  }

  // Whether a text may match that has every atom but those that contain one of `literals`.
  bool canDoWithout(std::span<const std::string_view> literals) const {
    std::vector<int> present, potential;
    for (size_t i = 0; i < atoms_.size(); ++i)
      if (std::ranges::none_of(literals, [&](auto literal) { return atoms_[i].contains(literal); }))
        present.push_back(static_cast<int>(i));
    filter_.AllPotentials(present, &potential);
    return !potential.empty();
  }

 private:
  re2::FilteredRE2 filter_;
  std::vector<std::string> atoms_;
};

TEST(Prefilter, EveryAnchorIsOneThatRE2ProvesToBeNeeded) {
  for (const Format* format : Scanner::instance().formats()) {
    if (format->anchors.empty()) continue;
    const Atoms atoms(format->pattern);
    EXPECT_FALSE(atoms.canDoWithout(format->anchors)) << format->id;
    const std::string_view at[] = {"@"};
    if (format->beforeAt) {
      EXPECT_FALSE(atoms.canDoWithout(at)) << format->id;
    }
    const std::string_view other[] = {"an atom of no pattern"};
    EXPECT_TRUE(atoms.canDoWithout(other)) << "the test itself: " << format->id;
  }
}

TEST(Prefilter, AnAtSignStandsBehindTheAnchorWhereThatIsAsked) {
  for (const Format* format : Scanner::instance().formats()) {
    if (!format->beforeAt) continue;
    ASSERT_EQ(format->anchors.size(), 1u);
    const size_t anchor = format->pattern.find(format->anchors[0]);
    ASSERT_NE(anchor, std::string_view::npos);
    EXPECT_EQ(format->pattern.substr(0, anchor).find('@'), std::string_view::npos) << format->id;
  }
}

TEST(Prefilter, AFormatWithoutAnchorsBeginsWithALongLabel) {
  for (const Format* format : Scanner::instance().formats()) {
    if (!format->anchors.empty()) continue;
    EXPECT_TRUE(format->pattern.starts_with(R"(\b([MNO][0-9A-Za-z_-]{23,27}\.)"))
        << format->id << ": give it anchors, or show here that kLongLabel covers its pattern";
  }
}

TEST(Prefilter, PassesEverySampleAndItsSurroundings) {
  for (const Format* format : Scanner::instance().formats())
    for (unsigned seed = 1; seed <= 20; ++seed)
      for (const std::string_view sample : format->found)
        for (unsigned shift = 0; shift < 9; ++shift) {
          const std::string text = std::string(shift, ' ') + expand(sample, seed);
          EXPECT_TRUE(prefilter().passes(text)) << format->id << " behind " << shift;
          EXPECT_TRUE(prefilter().passes(text + "\n")) << format->id << " behind " << shift;
        }
}

TEST(Prefilter, SeesAnAnchorAtEachPlace) {
  for (size_t size = 4; size <= 40; ++size)
    for (size_t at = 0; at + 4 <= size; ++at) {
      std::string text(size, 'x');
      text.replace(at, 4, "gHp_");
      EXPECT_TRUE(prefilter().passes(text)) << at << " of " << size;
      text.replace(at, 4, "gh_p");
      EXPECT_FALSE(prefilter().passes(text)) << at << " of " << size;
    }
}

TEST(Prefilter, StopsOrdinaryText) {
  EXPECT_FALSE(prefilter().passes({})) << "nor does it read what is not there";
  for (const std::string_view text :
       {"", "a", "ab", "LOG_LEVEL=debug", "URL=https://api.example.com/v1/tasks?limit=100",
        "me@example.com https://api.example.com", "HOST=checkout-frontend.agents.svc.cluster.local",
        "LIMIT=250m", "app.kubernetes.io/name=web"})
    EXPECT_FALSE(prefilter().passes(text)) << text;
}

TEST(Prefilter, ALabelOf24CharactersBeforeADotIsLong) {
  EXPECT_FALSE(prefilter().passes(std::string(23, 'x') + ".a"));
  EXPECT_FALSE(prefilter().passes(std::string(12, 'x') + "/" + std::string(12, 'x') + ".a"));
  EXPECT_TRUE(prefilter().passes(std::string(24, 'x') + ".a"));
  EXPECT_TRUE(prefilter().passes("a_b-" + std::string(10, 'x') + "__--YZ09az.a"));
  EXPECT_TRUE(prefilter().passes("a.b." + std::string(30, 'x') + "."));
}

// The filter never stops what the automaton finds: on pieces of samples, glued at random.
TEST(Prefilter, NeverStopsWhatTheAutomatonFinds) {
  unsigned state = 1, found = 0;
  const auto next = [&](size_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<size_t>(state >> 8) % below;
  };
  const auto formats = Scanner::instance().formats();
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(64 << 20);
  RE2::Set automaton(options, RE2::UNANCHORED);
  for (const Format* format : formats)
    automaton.Add(re2::StringPiece(format->pattern.data(), format->pattern.size()), nullptr);
  automaton.Compile();
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (size_t parts = 1 + next(3); parts > 0; --parts) {
      const Format& format = *formats[next(formats.size())];
      const std::string sample = expand(format.found[next(format.found.size())], state);
      const size_t cut = next(4) == 0 ? next(sample.size()) : 0;
      text += sample.substr(cut) + std::string_view(" \n=:\"\0x", 7)[next(7)];
    }
    std::vector<int> occurring;
    if (!automaton.Match(text, &occurring)) continue;
    ++found;
    EXPECT_TRUE(prefilter().passes(text)) << text.size();
    const auto parts = prefilter().partsOf(text);
    for (const int format : occurring)
      EXPECT_EQ(std::ranges::count(parts, static_cast<size_t>(format), &Prefilter::Parts::format), 1)
          << formats[static_cast<size_t>(format)]->id;
  }
  EXPECT_GT(found, 3'700u);
}

// A match is found with the search limited to one part, because it and its surroundings lie in that part.
TEST(Prefilter, EachMatchLiesInAPartOfItsFormat) {
  unsigned state = 7, found = 0;
  const auto next = [&](size_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<size_t>(state >> 8) % below;
  };
  const auto formats = Scanner::instance().formats();
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 4000) {
      const Format& format = *formats[next(formats.size())];
      const auto& samples = next(2) == 0 ? format.found : format.passed;
      const std::string sample = expand(samples[next(samples.size())], state);
      text += sample.substr(0, next(4) == 0 ? next(sample.size() + 1) : sample.size());
      text += next(8) == 0 ? std::string(next(600), " x"[next(2)]) : "";
      text += std::string_view(" \n=:\"\0x,-", 9)[next(9)];
    }
    const re2::StringPiece piece(text);
    for (const Prefilter::Parts& parts : prefilter().partsOf(text)) {
      RE2::Options options;
      options.set_encoding(RE2::Options::EncodingLatin1);
      static std::map<size_t, std::unique_ptr<RE2>> compiled;
      std::unique_ptr<RE2>& pattern = compiled[parts.format];
      const std::string_view source = formats[parts.format]->pattern;
      if (!pattern) pattern = std::make_unique<RE2>(re2::StringPiece(source.data(), source.size()), options);
      const auto all = [&](size_t begin, size_t end, auto& out) {
        re2::StringPiece match;
        while (pattern->Match(piece, begin, end, RE2::UNANCHORED, &match, 1)) {
          begin = static_cast<size_t>(match.data() - piece.data()) + match.size();
          out.emplace_back(match.data() - piece.data(), match.size());
        }
      };
      std::vector<std::pair<ptrdiff_t, size_t>> expected, got;
      all(0, text.size(), expected);
      size_t before = 0;
      for (const Prefilter::Stretch& part : parts.stretches) {
        EXPECT_TRUE(before == 0 || before < part.begin);
        EXPECT_LE(part.begin, part.end);
        all(part.begin, before = part.end, got);
      }
      EXPECT_EQ(got, expected) << formats[parts.format]->id;
      found += expected.size();
    }
  }
  EXPECT_GT(found, 5'000u);
}

TEST(Prefilter, TakesLinearTimeOnRepetition) {
  for (const std::string_view unit : {"://", "https://", "abcdefghijklmnopqrstuvw.", ".", "pas", "-----B"}) {
    const auto read = [&](const std::string& text) { EXPECT_FALSE(prefilter().passes(text)) << unit; };
    EXPECT_LT(growth(unit, 128 << 10, read), 8) << unit;
  }
}

}  // namespace
}  // namespace errand::rules

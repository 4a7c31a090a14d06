// simulate [--seed N | --seeds A..B] [--forgetful]: runs the simulator, and prints each seed that
// shows a violation.

#include <charconv>
#include <cstdio>
#include <string_view>

#include "tests/simulation/simulation.hpp"

namespace {

using namespace boxoffice::simulation;

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1000;
};

bool read_number(std::string_view text, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_seeds(std::string_view text, Seeds& seeds) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    if (!read_number(text, seeds.first)) return false;
    seeds.last = seeds.first;
    return true;
  }
  return read_number(text.substr(0, dots), seeds.first) &&
         read_number(text.substr(dots + 2), seeds.last) && seeds.first <= seeds.last;
}

int usage() {
  std::fprintf(stderr, "usage: simulate [--seed N | --seeds A..B] [--forgetful]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  Seeds seeds;
  KeyPolicy policy = KeyPolicy::honest;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--forgetful") {
      policy = KeyPolicy::forgetful;
    } else if ((argument == "--seed" || argument == "--seeds") && i + 1 < argc) {
      if (!read_seeds(argv[++i], seeds)) return usage();
    } else {
      return usage();
    }
  }

  Report sum;
  std::uint64_t violations = 0;
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    const Report report = simulate(seed, policy);
    sum.ticks += report.ticks;
    sum.commands += report.commands;
    sum.events += report.events;
    sum.crashes += report.crashes;
    sum.fingerprint ^= report.fingerprint;
    if (!report.violation) continue;
    ++violations;
    std::printf("seed %llu: %s\n  replay it: %s --seed %llu%s\n",
                static_cast<unsigned long long>(seed), report.violation->c_str(), argv[0],
                static_cast<unsigned long long>(seed),
                policy == KeyPolicy::forgetful ? " --forgetful" : "");
  }
  std::printf(
      "%llu seeds, %llu ticks, %zu commands, %zu events, %zu crashes, "
      "fingerprint %016llx: %llu violations\n",
      static_cast<unsigned long long>(seeds.last - seeds.first + 1),
      static_cast<unsigned long long>(sum.ticks), sum.commands, sum.events, sum.crashes,
      static_cast<unsigned long long>(sum.fingerprint),
      static_cast<unsigned long long>(violations));
  return violations == 0 ? 0 : 1;
}

// simulate [--cluster] [--seed N | --seeds A..B] [--planted BUG] [--happened]: runs the simulator,
// of one process or of a cluster of them, and prints each seed that shows a violation; also, if
// asked to, how often what happened.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "tests/simulation/cluster/cluster_simulation.hpp"
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

std::atomic<std::uint64_t> seed_under_way = 0;

/// An assertion of the product's ends the process: it says of which seed.
void tell_seed(int) {
  char text[64] = "it was seed ";
  char* end =
      std::to_chars(text + std::strlen(text), text + sizeof text - 1, seed_under_way.load()).ptr;
  *end++ = '\n';
  static_cast<void>(!::write(STDERR_FILENO, text, static_cast<std::size_t>(end - text)));
}

int usage() {
  std::fprintf(
      stderr,
      "usage: simulate [--cluster] [--seed N | --seeds A..B] [--planted BUG] [--happened]\n"
      "BUG is one of:");
  for (const auto& [name, planted] : kPlanted) std::fprintf(stderr, " %s", name.data());
  std::fprintf(stderr, "\n");
  return 2;
}

bool read_planted(std::string_view text, Planted& into) {
  for (const auto& [name, planted] : kPlanted)
    if (name == text) {
      into = planted;
      return true;
    }
  return false;
}

void print_violation(const char* program, bool of_cluster, const Report& report, Planted planted) {
  std::printf("seed %llu: %s\n  replay it: %s%s --seed %llu",
              static_cast<unsigned long long>(report.seed), report.violation->c_str(), program,
              of_cluster ? " --cluster" : "", static_cast<unsigned long long>(report.seed));
  for (const auto& [name, bug] : kPlanted)
    if (bug == planted && bug != Planted::nothing) std::printf(" --planted %s", name.data());
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  Seeds seeds;
  Planted planted = Planted::nothing;
  bool tells_what_happened = false;
  bool of_cluster = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--happened") {
      tells_what_happened = true;
      continue;
    }
    if (argument == "--cluster") {
      of_cluster = true;
      continue;
    }
    if (i + 1 == argc) return usage();
    const std::string_view value = argv[++i];
    const bool is_read =
        argument == "--planted"
            ? read_planted(value, planted)
            : (argument == "--seed" || argument == "--seeds") && read_seeds(value, seeds);
    if (!is_read) return usage();
  }

  ::signal(SIGABRT, tell_seed);
  Report sum;
  std::uint64_t violations = 0;
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    seed_under_way = seed;
    const Report report = (of_cluster ? simulate_cluster : simulate)(seed, planted);
    sum.ticks += report.ticks;
    sum.commands += report.commands;
    sum.events += report.events;
    sum.crashes += report.crashes;
    sum.comparisons += report.comparisons;
    sum.fingerprint ^= report.fingerprint;
    for (const auto& [what, times] : report.happened) sum.happened[what] += times;
    if (!report.violation) continue;
    ++violations;
    print_violation(argv[0], of_cluster, report, planted);
  }
  std::printf(
      "%llu seeds, %llu ticks, %zu commands, %zu events, %zu crashes, %zu comparisons, "
      "fingerprint %016llx: %llu violations\n",
      static_cast<unsigned long long>(seeds.last - seeds.first + 1),
      static_cast<unsigned long long>(sum.ticks), sum.commands, sum.events, sum.crashes,
      sum.comparisons, static_cast<unsigned long long>(sum.fingerprint),
      static_cast<unsigned long long>(violations));
  if (tells_what_happened)
    for (const auto& [what, times] : sum.happened) std::printf("%9zu  %s\n", times, what.c_str());
  return violations == 0 ? 0 : 1;
}

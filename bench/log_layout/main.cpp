// What the embedded log's layout is measured against: the same claims through RocksDB, one column
// family a partition. Both do what the service does with its log, in turn on the same disk, so that
// the ratios hold although the machine's other load varies.
//
//     boxoffice_log_layout [DIRECTORY [ROUNDS [SECONDS]]]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include "bench/log_layout/service.hpp"

namespace boxoffice::bench {
namespace {

namespace fs = std::filesystem;

struct Figure {
  const char* name;
  double ServiceFigures::*member;
  const char* better;
};

constexpr Figure kFigures[] = {
    {"claims durable a second", &ServiceFigures::claims_per_s, "more"},
    {"p50 until durable, us", &ServiceFigures::p50_us, "less"},
    {"p99 until durable, us", &ServiceFigures::p99_us, "less"},
    {"CPU a claim, all threads, us", &ServiceFigures::cpu_us, "less"},
    {"events the reader was behind", &ServiceFigures::behind, "less"},
    {"opened again after, ms", &ServiceFigures::open_ms, "less"},
    {"replayed, events a second", &ServiceFigures::replayed_per_s, "more"},
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(const char* title, const fs::path& directory, int rounds,
             const ServiceSettings& settings) {
  std::vector<ServiceFigures> segments, rocks;
  for (int round = 0; round < rounds; ++round) {
    fs::remove_all(directory);
    segments.push_back(serve(open_segments, directory / "segments", settings));
    fs::remove_all(directory);
    rocks.push_back(serve(open_rocks, directory / "rocks", settings));
  }
  fs::remove_all(directory);
  std::printf("%s\n  %-38s %12s %12s %8s\n", title, "median of the rounds", "segments", "rocksdb",
              "ratio");
  for (const Figure& figure : kFigures) {
    std::vector<double> ours, theirs, ratios;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      ours.push_back(segments[i].*figure.member);
      theirs.push_back(rocks[i].*figure.member);
      ratios.push_back(ours.back() / std::max(theirs.back(), 1.0));
    }
    std::printf("  %-38s %12.2f %12.2f %8.2f  %s is better\n", figure.name, median(ours),
                median(theirs), median(ratios), figure.better);
  }
  std::fflush(stdout);
}

}  // namespace
}  // namespace boxoffice::bench

int main(int argc, char** argv) try {
  using namespace boxoffice::bench;
  const fs::path directory = (argc > 1 ? fs::path(argv[1]) : fs::current_path()) / "log_layout.tmp";
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
  ServiceSettings settings;
  if (argc > 3) settings.runs_for = std::chrono::seconds(std::max(1, std::atoi(argv[3])));
  compare("64 clients, each 2 ms from its answer to its next claim", directory, rounds, settings);
  settings.between = {};
  compare("64 clients that claim without a pause", directory, rounds, settings);
} catch (const std::exception& error) {
  std::fprintf(stderr, "boxoffice_log_layout: %s\n", error.what());
  return 1;
}

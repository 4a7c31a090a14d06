#pragma once

#include <gtest/gtest.h>

#include <future>

#include "projections/read_models.hpp"
#include "tests/projections/history.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::projections {

/// Waits until the running models have come that far.
inline bool reach(const Queries& models, std::vector<Position> positions,
                  std::chrono::milliseconds within = 20s) {
  auto reached = std::make_shared<std::promise<bool>>();
  models.when_reached(std::move(positions), std::chrono::steady_clock::now() + within,
                      [reached](bool value) { reached->set_value(value); });
  return reached->get_future().get();
}

/// A history and its read models, which are opened when first asked for.
class ReadModelsTest : public ::testing::Test {
 protected:
  ReadModels& models() {
    if (!models_) open();
    return *models_;
  }

  void open(const ReadModelsSettings& settings = {}) {
    auto opened = ReadModels::open(directory_.path() / "projections", history_.log(), settings);
    ASSERT_TRUE(opened) << opened.error().message;
    models_ = std::move(*opened);
  }

  void start(const ReadModelsSettings& settings = {}) {
    open(settings);
    models_->start();
  }

  /// As a crash does: what was not flushed is lost.
  void crash() { models_.reset(); }

  void stop() {
    const auto stopped = models_->stop();
    ASSERT_TRUE(stopped) << stopped.error().message;
    models_.reset();
  }

  /// On this thread, up to the log's end.
  void apply_all() {
    const auto applied = models().apply_all();
    ASSERT_TRUE(applied) << applied.error().message;
  }

  void expect_as_rebuilt() {
    for (const std::string& model : models().models()) {
      const auto report = models().diff(model);
      ASSERT_TRUE(report) << model << ": " << report.error().message;
      EXPECT_TRUE(report->same()) << model;
      EXPECT_EQ(report->differing_rows, 0u) << model;
    }
  }

  TemporaryDirectory directory_;
  History history_;
  std::unique_ptr<ReadModels> models_;
};

}  // namespace boxoffice::projections

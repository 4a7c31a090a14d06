#include "tests/simulation/cluster/fiber.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace boxoffice::simulation {
namespace {

TEST(AFiber, GoesOnWhereItPaused) {
  std::string said;
  Fiber fiber;
  fiber.begin([&] {
    for (const char* word : {"one ", "two "}) {
      said += word;
      fiber.pause();
    }
    said += "three";
  });
  EXPECT_EQ(said, "one ");
  fiber.resume();
  EXPECT_EQ(said, "one two ");
  EXPECT_TRUE(fiber.is_under_way());
  fiber.resume();
  EXPECT_EQ(said, "one two three");
  EXPECT_FALSE(fiber.is_under_way());
}

TEST(AFiber, ThrowsWhereItIsGoneOnWith) {
  Fiber fiber;
  fiber.begin([&] {
    fiber.pause();
    throw std::runtime_error("later");
  });
  EXPECT_THROW(fiber.resume(), std::runtime_error);
  EXPECT_FALSE(fiber.is_under_way());
  bool is_called = false;
  fiber.begin([&] { is_called = true; });
  EXPECT_TRUE(is_called) << "it can be used again";
}

TEST(AFiber, LetsGoOfWhatItHoldsWhenItIsNeverGoneOnWith) {
  const auto held = std::make_shared<int>();
  {
    Fiber fiber;
    fiber.begin([&fiber, copy = held] { fiber.pause(); });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(AFiber, PausesBesideOthersInAnyOrder) {
  std::string said;
  Fiber first;
  Fiber second;
  for (Fiber* fiber : {&first, &second})
    fiber->begin([&said, fiber, name = fiber == &first ? "a" : "b"] {
      fiber->pause();
      said += name;
    });
  first.resume();
  second.resume();
  EXPECT_EQ(said, "ab");
}

}  // namespace
}  // namespace boxoffice::simulation

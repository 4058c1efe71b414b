# Job A by deSolve's lsoda with a right-hand side in R, as its users drive it: 1e-8, restarted where the rate changes.
# One line of JSON. The people are drawn by R with the same typical values and spread as in peer_job.py.
suppressPackageStartupMessages(library(deSolve))
typical <- c(80, 20, 150, 40, 70, 160, 1.5, 60, 150, 40, 100, 7)
starts <- c(0, 72, 168, 240, 336, 408)
samples <- c((1:40) / 10, seq(6, 24, by = 2))
times <- sort(unique(c(outer(samples, starts, "+"))))
changes <- sort(unique(c(starts, starts + 2 / 3, max(times))))

system_of <- function(p) {
  a <- matrix(0, 7, 7)
  a[1, 1] <- -p[7]; a[2, 1] <- p[7]
  a[2, 2] <- -(p[1] + p[3] + p[5]) / p[2]; a[2, 3] <- p[3] / p[4]; a[2, 4] <- p[5] / p[6]
  a[3, 2] <- p[3] / p[2]; a[3, 3] <- -p[3] / p[4]; a[4, 2] <- p[5] / p[2]; a[4, 4] <- -p[5] / p[6]
  a[5, 2] <- 0.8 * p[1] / p[2]; a[5, 5] <- -p[8] / p[9]
  a[6, 5] <- 0.5 * p[8] / p[9]; a[6, 6] <- -p[10] / p[11]
  a[7, 2] <- p[12] / p[2]; a[7, 7] <- -p[12]
  a
}

solve_one <- function(p) {
  a <- system_of(p)
  x <- rep(0, 7)
  for (i in seq_len(length(changes) - 1)) {
    begin <- changes[i]; end <- changes[i + 1]
    put <- c(0, if (begin %in% starts) 52.5 else 0, 0, 0, 0, 0, 0)
    asked <- unique(c(begin, times[times > begin + 1e-9 & times < end - 1e-9], end))
    found <- ode(x, asked, function(t, y, parms) list(as.vector(a %*% y) + put), NULL, method = "lsoda", rtol = 1e-8, atol = 1e-10)
    x <- found[nrow(found), -1]
  }
  x
}

set.seed(20260101)
people <- lapply(1:40, function(i) typical * exp(0.3 * rnorm(12)))
invisible(solve_one(people[[1]]))
begun <- proc.time()
done <- 0
while (done < length(people) && sum((proc.time() - begun)[1:2]) < 4) {
  done <- done + 1
  solve_one(people[[done]])
}
spent <- sum((proc.time() - begun)[1:2])
cat(sprintf('{"peer": "deSolve lsoda", "version": "%s", "tolerance": "1e-8, right-hand side in R", "patients_per_cpu_s": %.4f}\n', packageVersion("deSolve"), done / spent))

/* What is due at a chair and what asks for an answer: the session's plan evaluated on readings, at an instant.

   Pure: no page, no network, no clock of its own. `lowtideWatch.evaluate(plan, readings, now)` gives the same answer as
   the server's Python; one table of cases (tests/spec/watch) runs against both. The plan comes with the page
   (pathway/session/rules/compiled.py); the readings that came with it may be joined by those that wait to be sent.

   A reading is {id, at, counter?} (a UUID, an ISO instant, the device's counter) and one or more of
     values:   {name: decimal as text, number or boolean}   vital signs and ratings by the names of the rules,
               rate_ml_per_h when the pump was read or changed (0 is a pause), rate_mg_per_h, concentration_mg_per_ml and
               vtbi_ml when it told them, delivered_ml when the infusion ended
     event:    id of a chip ("chest_pain")
     omitted:  row of the flowsheet that was not done ("bp")
     answers:  {rule, about: id of the reading}             what somebody does about a reminder
     artefact: {about: id of the reading, rows: [...]}      those rows of it are no reading; none named: all of it
     corrects: id of the reading that this one stands for; without values that one was entered in error
     dose:     {does: "start", rate_ml_per_h, volume_ml, in_all_ml} | {does: "rate", rate_ml_per_h} | {does: "stop"}
               | {does: "container", rate_ml_per_h, volume_ml, residual_ml} | {does: "part", mg} | {does: "no_more"}
   The dose is folded from these, so one that was started, paused or stopped without the line moves what is due as well.
   `readingOf(plan, {kind, id, at, counter, body, corrects})` makes one of an entry's body, null if it is none.

   evaluate answers {now, due: [slot], next: [slot], late: [slot], crossings: [crossing], asking: [crossing],
   pressing: [crossing]}. A slot is {row, rule, due_at, opens_at, late_at, escalate_at, status, by} with status planned,
   due, late, done, not_done or missed; `next` is the first open slot of each row. A crossing is {rule, level, first,
   latest, at, found, complete, current, answered, action, asks_at, second_at, again_at}. Instants are milliseconds. */
(() => {
  "use strict";

  const MINUTE = 60_000;
  const ms = (at) => (typeof at === "number" ? at : Date.parse(at));
  const text = (value) => {
    const plain = String(value);
    return /^-?\d+\.\d*0$/.test(plain) ? plain.replace(/\.?0+$/, "") : plain;
  };
  const number = (value) => (typeof value === "boolean" ? value : Number(value));

  /* ---------- readings ---------- */
  const inOrder = (a, b) => a.at - b.at || a.counter - b.counter || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

  // those that stand, in order, without what was marked as an artefact
  function standing(plan, readings) {
    const replaced = new Set(readings.map((r) => r.corrects).filter(Boolean));
    const kept = [...new Map(readings.map((r) => [r.id, r])).values()]
      .filter((r) => !replaced.has(r.id))
      .map((r) => ({ ...r, at: ms(r.at), counter: r.counter || 0 }))
      .sort(inOrder);
    const marks = kept.filter((r) => r.artefact).map((r) => r.artefact);
    return kept.map((r) => (marks.length ? unmarked(plan, r, marks.filter((m) => m.about === r.id)) : r));
  }
  function unmarked(plan, reading, marks) {
    if (!marks.length || !reading.values) return reading;
    if (marks.some((m) => !m.rows || !m.rows.length)) return { ...reading, values: undefined };
    const rows = new Set(marks.flatMap((m) => m.rows));
    const gone = new Set(plan.rows.filter((r) => rows.has(r.id)).flatMap((r) => r.filled_by.flat()));
    const left = Object.entries(reading.values).filter(([name]) => !gone.has(name));
    return { ...reading, values: left.length ? Object.fromEntries(left) : undefined };
  }
  const fills = (row, values) => row.filled_by.some((set) => set.every((name) => name in values));
  const touches = (row, values) => row.filled_by.flat().some((name) => name in values);

  /* ---------- the dose: when it began, when it ended or is expected to ---------- */
  const HOUR = 60 * MINUTE;
  const later = (at, length) => at + Math.ceil(length * 1000 - 0.001) / 1000; // the server counts whole microseconds
  const poured = (steps) => steps.slice(1).reduce((sum, [at], n) => sum + steps[n][1] * (at - steps[n][0]), 0);

  function doseOf(plan, seen) {
    const told = seen.filter((r) => r.dose), start = told.find((r) => r.dose.does === "start");
    return start ? pumped(plan, told, start) : inParts(plan.order, told);
  }
  function pumped(plan, told, start) {
    const stop = told.findLast((r) => r.dose.does === "stop");
    if (stop) return { start: start.at, end: stop.at, hasEnd: true };
    const during = told.filter((r) => r.at >= start.at && ["rate", "container"].includes(r.dose.does));
    const steps = [start, ...during].map((r) => [r.at, Number(r.dose.rate_ml_per_h)]);
    const hung = [start, ...during.filter((r) => r.dose.does === "container")], last = hung[hung.length - 1];
    const more = moreOf(plan, start.dose.in_all_ml, hung.map((r) => [Number(r.dose.volume_ml), Number(r.dose.residual_ml || 0)]));
    return { start: start.at, end: reached(steps, last.at, Number(last.dose.volume_ml) + more), hasEnd: true };
  }
  // what the order has beyond the container that hangs: a rest that was poured away is still to come, but for what stays behind
  function moreOf(plan, in_all, hung) {
    if (in_all === null || in_all === undefined) return 0;
    const rests = hung.slice(1).map(([, rest], n) => Math.min(rest, hung[n][0])), sum = (all) => all.reduce((a, b) => a + b, 0);
    const poured_away = sum(rests), unhung = Number(in_all) - sum(hung.map(([volume]) => volume)), open = unhung + poured_away;
    return poured_away > (Number(in_all) * Number(plan.rest_stays_pct || 0)) / 100 ? open : Math.min(open, Math.max(0, unhung));
  }
  // when so much of a container that began then is in: at the rate in force, or while paused as if resumed at once
  function reached(all, began, volume) {
    const before = all.findLast(([at]) => at <= began), steps = [[began, before[1]], ...all.filter(([at]) => at > began)];
    const rate = [...all, ...steps].map(([, r]) => r).findLast((r) => r > 0), [at] = steps[steps.length - 1];
    const left = volume * HOUR - poured(steps);
    if (left > 0 && rate) return later(at, left / rate);
    for (let n = 0; n + 1 < steps.length; n += 1) {
      const long = (volume * HOUR - poured(steps.slice(0, n + 1))) / steps[n][1];
      if (steps[n][1] && long <= steps[n + 1][0] - steps[n][0]) return later(steps[n][0], long);
    }
    return at;
  }
  // what is swallowed, sprayed or injected has no end worth a check of its own
  function inParts(order, told) {
    const parts = told.filter((r) => r.dose.does === "part"), NEAR = 1e-9;
    if (!parts.length) return null;
    const each = order && order.each_mg ? Number(order.each_mg) : 0, apart = order && order.apart_min ? Number(order.apart_min) : null;
    let open = order && order.dose_mg ? Number(order.dose_mg) : 0;
    const whole = (left) => (each && apart !== null ? (left > each - NEAR ? each : 0) : left);
    for (const { dose } of parts) open = Math.max(0, open - (dose.mg === null || dose.mg === undefined ? whole(open) : Number(dose.mg)));
    const last = parts[parts.length - 1].at, over = open < NEAR || told.some((r) => r.dose.does === "no_more");
    return { start: parts[0].at, end: over || !each ? last : last + (apart || 0) * (open / each) * MINUTE, hasEnd: false };
  }

  /* ---------- due items ---------- */
  // when leaving opens: the longest of what has to be stayed
  function leaving(plan, dose) {
    const ends = plan.stay.filter(([anchor]) => anchor in dose).map(([anchor, minutes]) => dose[anchor] + minutes * MINUTE);
    return ends.length ? Math.max(...ends) : null;
  }
  // what is repeated until the pressure falls is asked no more where the last reading before that says so
  function overBy(plan, often, dose, seen) {
    if (often.until !== "bp_falling") return () => false;
    const early = plan.minutes.early * MINUTE, whole = pressures(seen);
    return (first, at) => {
      const read = whole.filter((r) => r.at >= first - early && r.at < at - early);
      return Boolean(read.length) && falling(dose, whole, read[read.length - 1]) === true;
    };
  }
  const pressures = (seen) => seen.filter((r) => r.values && "sbp_mmhg" in r.values && "dbp_mmhg" in r.values);
  // past its highest since the start, or never above the one before; null where it was not measured since
  function falling(dose, whole, until) {
    const read = whole.filter((r) => inOrder(r, until) <= 0), of = (r) => Number(r.values.sbp_mmhg);
    const since = read.filter((r) => r.at >= dose.start).map(of), base = read.findLast((r) => r.at < dose.start);
    if (!since.length) return null;
    const top = Math.max(...since);
    return (base !== undefined && top <= of(base)) || since[since.length - 1] < top;
  }
  function instants(often, { start, end, hasEnd }, leave, horizon, isOver) {
    const anchors = { start, ...(hasEnd ? { end } : {}), ...(leave === null ? {} : { discharge: leave }) };
    const fixed = often.at_min.map((m) => start + m * MINUTE), during = (often.during_every_min || 0) * MINUTE;
    const after = (often.after_every_min || 0) * MINUTE, first = during || !fixed.length ? end : Math.max(...fixed);
    const found = [...often.at.filter((name) => name in anchors).map((name) => anchors[name]), ...fixed];
    if (during) for (let at = start + during; at <= Math.min(end + during, end + MINUTE); at += during) found.push(at);
    if (after) for (let at = first + after; at <= horizon; at += after) if (!isOver(first, at)) found.push(at);
    return found.filter((at) => at <= horizon);
  }
  // of several in one window: a reading before an omission, then the one nearest to its time, then the first
  function laid(times, opens, answers) {
    const found = new Map();
    for (const answer of answers) {
      let place = -1;
      while (place + 1 < opens.length && opens[place + 1] <= answer.at) place += 1;
      if (place < 0) continue;
      const before = found.get(place), far = Math.abs(answer.at - times[place]);
      const nearer = !before || (before.isOmission === answer.isOmission
        ? far < Math.abs(before.at - times[place]) : before.isOmission);
      if (nearer) found.set(place, answer);
    }
    return found;
  }
  function slotsOf(plan, row, dose, seen, again) {
    const slots = new Map();
    for (const rule of row.scheduled_by) {
      const often = plan.often[rule], isOver = overBy(plan, often, dose, seen);
      for (const at of instants(often, dose, dose.leave, dose.horizon, isOver)) if (!slots.has(at)) slots.set(at, rule);
    }
    for (const { at, rule } of again) {
      if (row.fields.some((name) => plan.rules[rule].values.includes(name)) && !slots.has(at)) slots.set(at, rule);
    }
    return [...slots].sort((a, b) => a[0] - b[0]);
  }
  function dueOf(plan, row, dose, seen, again, now) {
    const { early, late, escalate } = plan.minutes;
    const slots = slotsOf(plan, row, dose, seen, again), times = slots.map(([at]) => at);
    const before = [dose.start, ...times];
    const opens = times.map((at, i) => at - Math.min(early * MINUTE, (at - before[i]) / 2));
    // rows are asked one by one: readings first, then omissions, as the server does
    const read = seen.filter((r) => r.values && fills(row, r.values)).map((r) => ({ id: r.id, at: r.at, isOmission: false }));
    const not = seen.filter((r) => r.omitted === row.id).map((r) => ({ id: r.id, at: r.at, isOmission: true }));
    const done = laid(times, opens, [...read, ...not]);
    const lastDone = Math.max(-1, ...done.keys());
    return slots.map(([at, rule], place) => {
      const by = done.get(place);
      const missed = !by && (place < lastDone || Boolean(plan.over));
      const item = { row: row.id, rule, due_at: at, opens_at: opens[place], late_at: at + late * MINUTE,
        escalate_at: at + escalate * MINUTE, by: by ? by.id : null };
      item.status = by ? (by.isOmission ? "not_done" : "done") : missed ? "missed"
        : now >= item.late_at ? "late" : now >= at ? "due" : "planned";
      return item;
    });
  }

  /* ---------- thresholds ---------- */
  function met(condition, values) {
    const value = values[condition.value];
    if (value === undefined || value === null) return null;
    if (condition.holds !== undefined) return value === condition.holds;
    const is = number(value), of = (name) => Number(condition[name]);
    return (condition.above === undefined || is > of("above")) && (condition.at_least === undefined || is >= of("at_least"))
      && (condition.below === undefined || is < of("below")) && (condition.at_most === undefined || is <= of("at_most"));
  }
  function allOf(conditions, values) {
    const each = conditions.map((condition) => met(condition, values));
    return each.includes(false) ? false : each.includes(null) ? null : true;
  }
  // unknown is not no: an alternative with an unknown part is met by nothing and cleared by nothing
  function holds(rule, values) {
    const answers = [...rule.when, ...rule.at_once].map((all) => allOf(all, values));
    return answers.includes(true) ? true : answers.includes(null) ? null : false;
  }
  function sights(plan, dose, seen) {
    const whole = pressures(seen);
    return dose ? seen.filter((r) => r.at >= dose.start).map((r) => sight(plan, dose, whole, r, seen)).filter(Boolean) : [];
  }
  // how far a rating stands above the last one before the dose; above nothing where none was made before
  function risen(dose, seen, reading, of) {
    const before = seen.filter((r) => r.at < dose.start && r.values && r.values[of] !== undefined);
    return number(reading.values[of]) - (before.length ? number(before[before.length - 1].values[of]) : 0);
  }
  function sight(plan, dose, whole, reading, seen) {
    const means = reading.event && plan.chips[reading.event] && plan.chips[reading.event].means;
    if (means) {
      return { ...reading, values: { [means]: true }, happened: true,
        parts: [[[means], plan.chips[reading.event].label]] };
    }
    if (!reading.values) return null;
    const values = { ...reading.values };
    if (plan.pump && (values.rate_ml_per_h ?? values.rate_mg_per_h) !== undefined && values.pump_matches_order === undefined) {
      values.pump_matches_order = matches(plan.pump, values);
    }
    for (const [name, of] of Object.entries(plan.rises || {})) {
      if (values[of] !== undefined && values[name] === undefined) values[name] = risen(dose, seen, reading, of);
    }
    if (whole.includes(reading) && values.bp_falling === undefined) {
      values.bp_falling = Boolean(falling(dose, whole, reading));
      values.since_start_min = (reading.at - dose.start) / MINUTE;
    }
    return { ...reading, values, happened: false, parts: parts(plan, reading.values, values.pump_matches_order) };
  }
  function matches(pump, values) {
    const beyond = (apart, of) => apart > (of * Number(pump.within_pct)) / 100 + 1e-12;
    const in_ml = values.rate_ml_per_h, in_mg = Number(values.rate_mg_per_h || 0), made = Number(pump.mg_per_ml || 0);
    const wanted = made * Number(pump.rates[1] || 0);
    const rate = (in_ml === undefined || pump.rates.some((r) => r !== null && Number(r) === Number(in_ml)))
      && (!in_mg || !beyond(Math.abs(in_mg - wanted), wanted));
    if (!made || !(Number(in_ml || 0) || in_mg)) return rate;
    const volume = Number(pump.volume_ml), strength = values.concentration_mg_per_ml;
    return rate && (strength === undefined || !beyond(Math.abs(Number(strength) - made), made))
      && !beyond(Number(values.vtbi_ml || 0) - volume, volume);
  }
  function parts(plan, values, asOrdered) {
    const found = [];
    for (const row of plan.rows.filter((r) => touches(r, values))) {
      const names = row.filled_by.flat().filter((name) => name in values);
      const said = row.fields.length ? row.fields.map((name) => (name in values ? text(values[name]) : "–")).join("/")
        : "delivered_ml" in values && names.includes("delivered_ml") ? "ended"
          : names[0].startsWith("rate_m") ? pumpSaid(values, asOrdered) : text(values[names[0]]);
      found.push([names, `${row.label} ${said}`]);
    }
    return found;
  }
  function pumpSaid(values, asOrdered) {
    const strength = values.concentration_mg_per_ml, of = strength === undefined ? "" : ` of ${strength} mg/mL`;
    const rate = values.rate_ml_per_h === undefined ? `${values.rate_mg_per_h} mg/h` : `${values.rate_ml_per_h} mL/h`;
    return `${rate}${of}${asOrdered === false ? ", not as ordered" : ""}`;
  }
  function told(sight, names) {
    const said = sight.parts.filter(([values]) => values.some((name) => names.includes(name)));
    return (said.length ? said : sight.parts).map(([, words]) => words).join(", ");
  }
  function isComplete(plan, rule, run) {
    if (rule.at_once.some((all) => allOf(all, run[run.length - 1].values))) return true;
    const lasted = run[run.length - 1].at - run[0].at + (plan.apart_slack_s || 0) * 1000;
    if (rule.for_s && rule.for_s > plan.charted_every_s) return lasted >= rule.for_s * 1000;
    return rule.times === 1 || (run.length >= rule.times && lasted >= (rule.apart_min || 0) * MINUTE);
  }
  function crossing(plan, id, run, answers, current) {
    const rule = plan.rules[id], low = plan.levels[0];
    const whole = run.findIndex((_, place) => isComplete(plan, rule, run.slice(0, place + 1)));
    const complete = whole >= 0, counted = run.slice(Math.max(whole, 0)), latest = run[run.length - 1];
    const ids = counted.map((s) => s.id), said = answers.filter((a) => ids.includes(a.answers.about));
    const level = complete ? rule.level : low;
    const asks_at = said.length ? asksAgain(plan, rule, level, counted, said) : asks(rule, low, counted, answers);
    const wait = rule.second_min[level];
    return {
      rule: id, level, first: run[0].id, latest: latest.id, at: run[0].at, found: told(latest, rule.values),
      complete, current, answered: said.length ? said[said.length - 1].id : null, asks_at,
      action: complete || rule.times < 2 ? rule.action : `Measure again in ${rule.apart_min} min`,
      second_at: asks_at !== null && wait ? asks_at + wait * MINUTE : null,
      again_at: againAt(rule, complete, current, run),
      due: complete || rule.times > 1, order: latest,
    };
  }
  function againAt(rule, complete, current, run) {
    const latest = run[run.length - 1];
    if (!current) return null;
    if (complete) return rule.repeat_min && run.length === 1 ? latest.at + rule.repeat_min * MINUTE : null;
    return rule.times > 1 ? latest.at + (rule.apart_min || 0) * MINUTE : null;
  }
  function asks(rule, low, counted, answers) {
    const at = counted[0].at, before = answers.filter((a) => a.at <= at);
    if (rule.level !== low || !before.length) return at;
    return Math.max(at, before[before.length - 1].at + rule.quiet_min[low] * MINUTE);
  }
  // further beyond a bound than the answered value, or another value of what either holds or not
  function isWorse(plan, rule, values, answered) {
    const conditions = [...rule.when, ...rule.at_once].flat(), known = (of, name) => of[name] !== undefined && of[name] !== null;
    const further = (c) => {
      if (!known(values, c.value) || !known(answered, c.value) || !met(c, values)) return false;
      const now = number(values[c.value]), before = number(answered[c.value]);
      const apart = c.above === undefined && c.at_least === undefined ? before - now : now - before;
      return apart > (Math.abs(before) * Number(plan.worse_pct)) / 100 + 1e-12;
    };
    return conditions.some((c) => c.holds === undefined && further(c))
      || (conditions.some((c) => c.holds !== undefined)
        && rule.values.some((name) => name !== "vtbi_ml" && known(values, name) && known(answered, name) && number(values[name]) !== number(answered[name])));
  }
  function asksAgain(plan, rule, level, counted, said) {
    const about = said.map((a) => a.answers.about);
    const last = counted.findLastIndex((s) => about.includes(s.id));
    const again = counted.slice(last + 1).find((s) => s.happened);
    if (again) return again.at;
    if (counted[counted.length - 1].happened) return null;
    const quiet = said[said.length - 1].at + rule.quiet_min[level] * MINUTE;
    const worse = counted.slice(last + 1).find((s) => isWorse(plan, rule, s.values, counted[last].values));
    return worse ? Math.min(worse.at, quiet) : quiet;
  }
  function episodes(plan, id, seen, answers) {
    const found = [];
    let run = [];
    for (const each of seen) {
      const answer = holds(plan.rules[id], each.values);
      if (answer) run.push(each);
      else if (answer === false && run.length) {
        found.push(crossing(plan, id, run, answers, false));
        run = [];
      }
    }
    if (run.length) found.push(crossing(plan, id, run, answers, true));
    return found;
  }
  function crossings(plan, dose, seen) {
    const at = sights(plan, dose, seen), answers = seen.filter((r) => r.answers);
    const rank = (level) => plan.levels.indexOf(level);
    return Object.keys(plan.rules)
      .flatMap((id) => episodes(plan, id, at, answers.filter((a) => a.answers.rule === id)))
      .sort((a, b) => rank(b.level) - rank(a.level) || rank(plan.rules[b.rule].level) - rank(plan.rules[a.rule].level)
        || inOrder(b.order, a.order));
  }
  // a graver rule that holds for the same value speaks for the others, answered or not
  function asking(plan, found) {
    const current = found.filter((c) => c.current && c.due);
    return current.filter((c, place) => c.asks_at !== null && !current.slice(0, place).some((g) => g.latest === c.latest
      && plan.rules[g.rule].values.some((name) => plan.rules[c.rule].values.includes(name))));
  }

  /* ---------- the two together ---------- */
  function evaluate(plan, readings, at) {
    const now = ms(at), seen = standing(plan, readings), dose = doseOf(plan, seen);
    const found = crossings(plan, dose, seen), ask = asking(plan, found);
    const again = found.filter((c) => c.again_at !== null).map((c) => ({ at: c.again_at, rule: c.rule }));
    const places = plan.rows.map((row) => row.id);
    if (dose) {
      dose.leave = leaving(plan, dose);
      dose.horizon = plan.over ? ms(plan.over) : Math.max(dose.leave ?? 0, now, seen[seen.length - 1].at) + HOUR;
    }
    const due = dose ? plan.rows.flatMap((row) => dueOf(plan, row, dose, seen, again, now))
      .sort((a, b) => a.due_at - b.due_at || places.indexOf(a.row) - places.indexOf(b.row)) : [];
    const open = due.filter((d) => ["planned", "due", "late"].includes(d.status));
    const next = open.filter((d, place) => open.findIndex((o) => o.row === d.row) === place);
    return { now, due, next, late: open.filter((d) => d.status === "late"), crossings: found, asking: ask,
      pressing: ask.filter((c) => c.asks_at <= now) };
  }

  /* ---------- an entry's body as a reading ---------- */
  const given = (names, body) => {
    const values = Object.fromEntries(names.filter((n) => body[n] !== undefined && body[n] !== null && body[n] !== "").map((n) => [n, body[n]]));
    return Object.keys(values).length ? { values } : null;
  };
  const READ = {
    vitals: (plan, body) => given(plan.rows.flatMap((row) => row.fields), body),
    rating: (plan, body) => {
      const row = plan.rows.find((r) => r.scale === body.scale);
      return row ? { values: { [row.filled_by[0][0]]: body.value } } : null;
    },
    dose_started: (_, body) => ({ ...given(["rate_ml_per_h"], body), dose: { does: "start", rate_ml_per_h: body.rate_ml_per_h, volume_ml: body.volume_ml, in_all_ml: body.in_all_ml } }),
    rate_changed: (_, body) => ({ ...given(["rate_ml_per_h"], body), dose: { does: "rate", rate_ml_per_h: body.rate_ml_per_h } }),
    container_changed: (_, body) => ({ dose: { does: "container", rate_ml_per_h: body.rate_ml_per_h, volume_ml: body.volume_ml, residual_ml: body.residual_ml } }),
    dose_stopped: (_, body) => ({ ...given(["delivered_ml"], body), dose: { does: "stop" } }),
    dose_given: (_, body) => ({ dose: { does: "part", mg: body.mg } }),
    dosing_ended: () => ({ dose: { does: "no_more" } }),
    not_done: (_, body) => ({ omitted: body.item }),
    chair_event: (plan, body) => (plan.chips[body.what] && plan.chips[body.what].means ? { event: body.what } : null),
    acknowledged: (_, body) => ({ answers: { rule: body.rule, about: body.about } }),
    artefact_marked: (_, body) => ({ artefact: { about: body.about, rows: body.parameters || [] } }),
    entered_in_error: () => ({}),
  };
  function readingOf(plan, entry) {
    const kind = entry.kind.replace(/\.\d+$/, ""), said = READ[kind] && READ[kind](plan, entry.body || {});
    if (!said) return null;
    return { id: entry.id, at: entry.at, counter: entry.counter || 0, ...(entry.corrects ? { corrects: entry.corrects } : {}), ...said };
  }

  globalThis.lowtideWatch = { evaluate, readingOf };
})();

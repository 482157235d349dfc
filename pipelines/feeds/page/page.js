// Shows the page for the reader's clock, or for the moment in the address, and narrows it down to what is asked for.
const fixed = asked(), items = all("[data-s]"), timed = all("[data-e],[data-f]"), forms = all(".tools");
const current = () => (fixed === null || Number.isNaN(fixed) ? (Date.now() - base) / MINUTE : fixed);

function show() {
    const now = current(), said = new Map();
    for (const each of timed) {
        each.hidden = now >= Number(each.dataset.e ?? Infinity) || now < Number(each.dataset.f ?? -Infinity);
    }
    for (const item of items) {
        const key = `${item.dataset.s} ${item.dataset.v}`;
        if (!said.has(key)) said.set(key, mark(data.schedules[item.dataset.s], Number(item.dataset.v ?? Infinity), now));
        const [state, detail] = said.get(key), badge = item.querySelector(".s b");
        badge.className = state;
        badge.textContent = w[state];
        badge.nextElementSibling.textContent = detail;
        if (item.querySelector(".h").open) week(item, now);
    }
    for (const count of all(".o")) {
        const open = all(".s .open", count.closest(".p")).length;
        count.classList.toggle("zero", !open);
        count.textContent = [w.none_open, w.one_open][open] ?? fill(w.count_open, open);
    }
    document.getElementById("asof").textContent = fill(w.as_of, moment(local(now)));
    forms.forEach(narrow);
}

// Leave out what was not asked for: a part, a tag, a name, what is closed.
const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
function narrow(form) {
    const section = form.closest("section"), field = (name) => form.elements.namedItem(name);
    const part = field("part")?.value ?? "", tag = field("tag")?.value ?? "", open = field("open")?.checked;
    const name = plain(field("name")?.value.trim() ?? ""), asks = Boolean(tag || name || open);
    let left = 0;
    for (const group of all(".p", section)) {
        let here = 0;
        for (const item of all(".i", group)) {
            const fits = (!part || !item.dataset.p || item.dataset.p === part) && (!tag || (item.dataset.t ?? "").split(" ").includes(tag))
                && (!name || plain(item.querySelector(".n").textContent).includes(name))
                && (!open || item.querySelector(".s .open"));
            item.classList.toggle("off", !fits);
            here += fits && !item.hidden ? 1 : 0;
        }
        const shown = (!part || !group.dataset.p || group.dataset.p === part) && here > 0;
        group.classList.toggle("off", !shown);
        left += shown ? here : 0;
        if (part || asks) all(":scope > details", group).forEach((each) => { each.open = true; });
    }
    section.querySelector(".left").hidden = left > 0 || !(part || asks);
}

// The chosen parts stand in the address, as #waste=north, and nowhere else.
const chosen = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
function readAddress() {
    const parts = chosen(), target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (const form of forms) {
        const list = form.elements.namedItem("part"), value = parts.get(form.closest("section").id);
        if (list && value !== null) list.value = [...list.options].some((each) => each.value === value) ? value : "";
        narrow(form);
    }
    if (target) all(":scope > details", target).forEach((each) => { each.open = true; });
}
function keep(form) {
    const parts = chosen(), list = form.elements.namedItem("part"), key = form.closest("section").id;
    if (list.value) parts.set(key, list.value); else parts.delete(key);
    history.replaceState(null, "", `#${parts}`);
}

document.documentElement.classList.add("js");
for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => narrow(form));
    form.addEventListener("change", (event) => { if (event.target.name === "part") keep(form); });
}
const asking = document.getElementById("at"), clockNow = local(current());
asking.hidden = false;
asking.elements.namedItem("moment").value =
    `${clockNow.year}-${pad(clockNow.month)}-${pad(clockNow.day)}T${pad(clockNow.hour)}:${pad(clockNow.minute)}`;
document.getElementById("now").hidden = fixed === null;
document.getElementById("bad").hidden = !Number.isNaN(fixed);
// Another language shows the same moment and parts.
all(".lg a").forEach((link) => link.addEventListener("click", () => {
    link.search = location.search;
    link.hash = location.hash;
}));
addEventListener("toggle", (event) => {
    if (event.target.matches(".h[open]")) week(event.target.closest("[data-s]"), current());
}, true);
addEventListener("hashchange", readAddress);
addEventListener("beforeprint", () => all("main .p details").forEach((each) => { each.open = true; }));
document.addEventListener("visibilitychange", () => { if (!document.hidden) show(); });
function tick() {
    show();
    setTimeout(tick, MINUTE - (Date.now() % MINUTE));
}
tick();
readAddress();

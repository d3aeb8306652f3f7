"""What the tests of pages look for in a browser."""

# The elements that reach beyond the window, or whose content reaches beyond them; but for what
# is in a part that scrolls by itself.
STICKS_OUT = """() => {
  const scrolls = each => each && (["auto", "scroll"].includes(getComputedStyle(each).overflowX)
    || scrolls(each.parentElement));
  return [...document.querySelectorAll("body *")].filter(each => !scrolls(each) && (
    each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    || !(each instanceof SVGElement) && each.scrollWidth > each.clientWidth + 1
       && getComputedStyle(each).display != "inline"
  )).map(each => each.outerHTML.slice(0, 80));
}"""

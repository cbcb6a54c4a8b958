//! The accessible tree of a screen, read from Slint's own items as its bridge to screen readers does.

use std::fmt;
use std::ops::ControlFlow;

use flexlogin::platform::panel::Panel;
use i_slint_core::accessibility::{
    AccessibleStringProperty as Property, SupportedAccessibilityAction, accessible_descendents,
    nearest_accessible_item,
};
use i_slint_core::item_tree::{ItemRc, ItemWeak};
use i_slint_core::items::TouchArea;
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;

/// What a screen is to somebody who hears it.
pub(crate) struct Heard {
    root: Node,
    /// What a finger can press and nobody hears of.
    pub(crate) unread_controls: usize,
}

#[derive(PartialEq)]
pub(crate) struct Node {
    item: ItemWeak,
    pub(crate) role: String,
    pub(crate) label: String,
    description: String,
    value: String,
    /// How it is told when it comes or changes.
    pub(crate) live: Option<String>,
    enabled: bool,
    pub(crate) pressable: bool,
    pub(crate) focused: bool,
    children: Vec<Node>,
}

impl Heard {
    pub(crate) fn on(panel: &Panel) -> Heard {
        let window = WindowInner::from_pub(panel.app().window());
        let root = ItemRc::new_root(window.component());
        let focus = window.focus_item.borrow().upgrade().map(nearest_accessible_item);
        let mut unread_controls = 0;
        root.visit_descendants(|item| {
            if item.is_visible() && item.downcast::<TouchArea>().is_some() {
                let control = nearest_accessible_item(item.clone());
                unread_controls += usize::from(role(&control) != "button");
            }
            ControlFlow::<()>::Continue(())
        });
        Heard { root: node(&root, focus.as_ref()), unread_controls }
    }

    /// All that is read, in its order, but for the window itself.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.root.children.iter().flat_map(Node::all)
    }

    /// What is said without being asked for, since another screen was there: what came or changed, and the new focus.
    pub(crate) fn since(&self, before: Option<&Heard>) -> Vec<String> {
        let known = |node: &Node| {
            let mut nodes = before.into_iter().flat_map(Heard::nodes);
            nodes.any(|other| other.item == node.item && other.label == node.label)
        };
        let had_focus = |node: &Node| {
            before.into_iter().flat_map(Heard::nodes).any(|other| other.focused && other.item == node.item)
        };
        let said = self.nodes().filter_map(|node| {
            let live = node.live.as_ref().filter(|_| !known(node))?;
            Some(format!("{live}: {}", node.label))
        });
        let focus = self.nodes().filter(|node| node.focused && !had_focus(node));
        said.chain(focus.map(|node| format!("focus: {node:?}"))).collect()
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.children.iter().try_for_each(|child| child.write(f, 1))
    }
}

impl Node {
    fn all(&self) -> Box<dyn Iterator<Item = &Node> + '_> {
        Box::new(std::iter::once(self).chain(self.children.iter().flat_map(Node::all)))
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        writeln!(f, "{indent}{self:?}")?;
        // Keys are many, and heard one at a time.
        if self.children.len() > 9 && self.children.iter().all(|child| child.role == "button") {
            let keys: Vec<String> = self.children.iter().map(|key| format!("{key:?}").split_off(7)).collect();
            return writeln!(f, "{indent}  buttons {}", keys.join(" "));
        }
        self.children.iter().try_for_each(|child| child.write(f, depth + 1))
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.role, self.label)?;
        if !self.value.is_empty() {
            write!(f, " = {:?}", self.value)?;
        }
        if !self.description.is_empty() {
            write!(f, " ({})", self.description)?;
        }
        if let Some(live) = &self.live {
            write!(f, " [{live}]")?;
        }
        if !self.enabled {
            write!(f, " [disabled]")?;
        }
        if self.focused {
            write!(f, " [focus]")?;
        }
        Ok(())
    }
}

fn node(item: &ItemRc, focus: Option<&ItemRc>) -> Node {
    let read = |what| item.accessible_string_property(what).unwrap_or_default().to_string();
    let live = Some(read(Property::LiveRegion)).filter(|live| !live.is_empty() && live != "off");
    let actions = item.supported_accessibility_actions();
    let children = accessible_descendents(item);
    Node {
        item: item.downgrade(),
        role: role(item),
        label: read(Property::Label),
        description: read(Property::Description),
        value: read(Property::Value),
        live,
        enabled: read(Property::Enabled) != "false",
        pressable: actions.contains(SupportedAccessibilityAction::Default),
        focused: focus == Some(item),
        children: children.filter(ItemRc::is_visible).map(|child| node(&child, focus)).collect(),
    }
}

fn role(item: &ItemRc) -> String {
    item.accessible_role().to_string()
}
